/** The services behind the log-in. Sources: see `site.ts`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dataService, odata } from './dataservice.ts';
import { install, installLog, isNewLayout } from './install.ts';
import { integrationNames, runIntegration } from './integrations.ts';
import { page, type Reply, type Request, type SiteState } from './routes.ts';

type Service = (state: SiteState, request: Request) => Promise<Reply>;

const ok = (more: object = {}): Reply => ({ body: { success: true, errorInfo: null, ...more } });
const refused = (message: string): Reply => ({
  body: { success: false, errorInfo: { errorCode: 'Exception', message, stackTrace: '' } },
});

export async function service(state: SiteState, request: Request, path: string): Promise<Reply> {
  const [, entity] = /^odata\/(\w+)$/.exec(path) ?? [];
  if (entity && request.method === 'GET') return { body: await odata(state.pool, entity, request.url.searchParams) };
  const [, query] = /^DataService\/json\/SyncReply\/(\w+)$/.exec(path) ?? [];
  if (query && request.method === 'POST') {
    const body: unknown = JSON.parse(request.body.toString());
    if (query === 'UpdateQuery')
      state.count('update', { entity: String((body as { rootSchemaName?: unknown }).rootSchemaName) });
    return { body: await dataService(state.pool, query, body) };
  }
  const found = services[`${request.method} ${path}`];
  return found ? found(state, request) : page('404 - File or directory not found.', '', 404);
}

/** Goes on when its client is gone, and is waited for when the site stops. */
function inBackground<T>(state: SiteState, work: Promise<T>): Promise<T> {
  const running: Promise<unknown> = work.catch(() => undefined).finally(() => state.running.delete(running));
  state.running.add(running);
  return work;
}

const services: Record<string, Service> = {
  'POST ServiceModel/ApplicationInfoService.svc/GetApplicationInfo': async ({ pool }) => {
    const { rows } = await pool.query<{ value: string }>(
      `select v."TextValue" as value from "SysSettingsValue" v join "SysSettings" s on s."Id" = v."SysSettingsId" where s."Code" = 'CoreVersion'`,
    );
    return { body: { applicationInfo: { sysValues: { coreVersion: rows[0]?.value } } } };
  },

  'POST ServiceModel/WorkspaceExplorerService.svc/GenerateAllSchemasSources': async (state) => {
    state.count('generate');
    return ok({ buildResult: 0, errors: [] });
  },
  'POST ServiceModel/WorkspaceExplorerService.svc/Rebuild': async (state) => {
    state.count('compile');
    const work = inBackground(state, compile(state));
    if (state.broken('compile-drop')) return 'drop';
    const errors = await work;
    const good = errors.every(({ warning }) => warning);
    // Some releases give the list as text.
    return {
      body: {
        success: good,
        buildResult: good ? 0 : 2,
        errors: state.prefix ? JSON.stringify(errors) : errors,
        errorInfo: null,
        message: '',
      },
    };
  },

  'POST ServiceModel/PackageInstallerService.svc/UploadPackage': async (state, { url, headers, body }) => {
    const file = url.searchParams.get('fileName') ?? '';
    const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
    if (
      !file ||
      from === undefined ||
      Number(to) - Number(from) + 1 !== body.length ||
      total !== url.searchParams.get('totalFileLength')
    )
      return refused('Content-Range is wrong');
    const before = from === '0' ? Buffer.alloc(0) : state.uploads.get(file);
    if (before?.length !== Number(from)) return refused('A chunk is missing');
    state.uploads.set(file, Buffer.concat([before, body]));
    if (Number(to) + 1 === Number(total)) state.count('upload', { file });
    return ok();
  },
  'POST ServiceModel/PackageInstallerService.svc/InstallPackage': async (state, { body }) => {
    const file: unknown = JSON.parse(body.toString());
    const archive = typeof file === 'string' ? state.uploads.get(file) : undefined;
    if (typeof file !== 'string' || !archive) return refused(`File ${String(file)} was not uploaded`);
    state.count('install', { file });
    const { pool, signal, installDuration: duration } = state;
    const work = inBackground(
      state,
      install({ file, archive, pool, signal, duration, breaks: (kind) => state.broken(kind) }),
    );
    if (state.broken('install-drop')) return 'drop';
    const { success, message } = await work;
    return success ? ok() : refused(message);
  },
  'GET ServiceModel/PackageInstallerService.svc/GetLogFile': async ({ pool }) => ({
    type: 'text/plain; charset=utf-8',
    body: await installLog(pool),
  }),

  'POST ServiceModel/ProcessEngineService.svc/RunProcess': async (state, { body }) => {
    const { schemaName, parameterValues } = JSON.parse(body.toString()) as {
      schemaName: string;
      parameterValues: { name: string; value: string }[];
    };
    const value = (name: string): string | undefined => parameterValues.find((given) => given.name === name)?.value;
    const name = value('Integration') ?? '';
    if (schemaName !== 'SmrRunIntegration') return refused(`Item with name "${schemaName}" not found`);
    if (!integrationNames.includes(name)) return refused(`Integration "${name}" not found`);
    state.count('integration', { integration: name, token: value('Token') ?? '' });
    const broken = state.broken('integrations') && (await isNewLayout(state.pool));
    // The process engine answers before the process has done anything.
    inBackground(
      state,
      sleep(50).then(() => runIntegration(state.pool, name, value('Token') ?? null, broken)),
    ).catch(() => undefined);
    return ok({
      processId: '00000000-0000-0000-0000-000000000001',
      processStatus: 1,
      resultParameterValues: null,
      executionData: '',
    });
  },

  'POST ServiceModel/AppInstallerService.svc/RestartApp': async (state) =>
    state.prefix ? page('404', '', 404) : restart(state),
  'POST ServiceModel/AppInstallerService.svc/UnloadAppDomain': async (state) =>
    state.prefix ? restart(state) : page('404', '', 404),
};

async function restart(state: SiteState): Promise<Reply> {
  state.count('restart');
  return ok();
}

async function compile(
  state: SiteState,
): Promise<
  { line: number; column: number; errorNumber: string; errorText: string; warning: boolean; fileName: string }[]
> {
  await sleep(state.installDuration / 5);
  const { rows } = await state.pool.query<{
    FileName: string;
    Line: number;
    ErrorNumber: string;
    ErrorText: string;
    IsWarning: boolean;
  }>('select * from "SysCompilationError"');
  const errors = rows.map((row) => ({
    line: row.Line,
    column: 1,
    errorNumber: row.ErrorNumber,
    errorText: row.ErrorText,
    warning: row.IsWarning,
    fileName: row.FileName,
  }));
  if (state.broken('compile')) {
    errors.push({
      line: 42,
      column: 17,
      errorNumber: 'CS0246',
      errorText: `The type or namespace name 'SmrOrderMapper' could not be found`,
      warning: false,
      fileName: 'C:\\inetpub\\conf\\Autogenerated\\UsrOrderHelper.Custom.cs',
    });
  }
  await state.pool.query(
    'insert into "CompilationHistory" ("Result", "ErrorsWarnings", "ProjectName") values ($1, $2, $3)',
    [errors.some(({ warning }) => !warning) ? 2 : 0, JSON.stringify(errors), 'BPMSoft.Configuration'],
  );
  return errors;
}
