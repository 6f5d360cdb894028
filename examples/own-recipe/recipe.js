/**
 * A recipe of one's own, complete: a folder that a web server serves is replaced by a new one.
 *
 * nakat calls the default export with its kit (docs/recipes.md) and takes what is returned for a recipe. It must be pure: no clock, no
 * network, no files but those that `files` asks for, so that the same plan always becomes the same runbook.
 */
export default function ({ z, defineRecipe, step, stage, pieces, resolver, PlanMistakeAt }) {
  const plan = z.strictObject({
    nakat: z.literal(1),
    product: z.literal('web-folder'),
    system: z.string(),
    update: z.strictObject({ version: z.string(), folder: z.string().describe('The new files, on the machine.') }),
    machines: z.record(z.string(), pieces.machine),
    site: z.strictObject({ machine: z.string(), folder: z.string(), backups: z.string(), url: z.url() }),
    approval: pieces.approval.prefault({}),
    window: pieces.window.optional(),
    notify: pieces.notify.default([]),
    engine: pieces.engine.prefault({}),
  });

  return defineRecipe({
    product: 'web-folder',
    plan,
    files: () => ({}),
    mistakes: ({ site, update }) =>
      site.folder === update.folder
        ? [{ path: ['update', 'folder'], message: 'the new files are those that are served already' }]
        : [],
    runbook: ({ system, update, machines, site, approval, window, notify, engine }) => {
      if (site.backups.startsWith(`${site.folder}/`))
        throw new PlanMistakeAt(['site', 'backups'], 'expected a place outside the folder');
      const machine = resolver(machines).machine(site.machine, ['site']);
      const { folder, backups, url } = site;
      const state = { databases: [], folders: [{ machine, folder }], urls: [], commands: [] };
      const served = { url, status: [200], text: '', user: '', every: 1, within: 30 };
      const values = { version: update.version, system };
      return {
        format: 1,
        product: 'web-folder',
        recipe: { name: 'web-folder', version: 1 },
        system,
        title: { en: 'Files {version} on {system}', ru: 'Файлы {version} на {system}', values },
        update: { name: 'files', version: update.version, file: null, sha256: null },
        stages: [
          stage('preflight', [
            step('reachMachine', { machine }),
            step('waitForUrl', served, { name: 'served-before' }),
          ]),
          stage('rehearsal', []),
          stage('production', [
            step('backUpFolder', { machine, folder, backups }),
            step('recordState', state),
            step('copyFiles', { machine, from: update.folder, to: folder }, { onFailure: 'restore' }),
          ]),
          stage('acceptance', [step('waitForUrl', served, { onFailure: 'restore' })]),
          stage('closing', []),
          stage('restore', [
            step(
              'restoreFolder',
              { machine, folder },
              { undoes: ['production.copy-files'], uses: { backup: 'production.back-up-folder' } },
            ),
            step('proveState', state, {
              undoes: ['production.copy-files'],
              uses: { before: 'production.record-state' },
            }),
          ]),
        ],
        decisions: [
          {
            id: 'approval-production',
            before: 'production',
            kind: 'approval',
            title: { en: 'Approve files {version} on {system}', ru: 'Одобрить файлы {version} на {system}', values },
            choices: ['approve', 'reject'],
            deadline: approval.expires,
            atDeadline: approval.atExpiry,
            by: approval.by,
            needed: approval.needed,
            excludeInitiator: approval.excludeInitiator,
          },
        ],
        window: window ?? null,
        notify,
        engine,
      };
    },
  });
}
