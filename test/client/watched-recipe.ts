/** The recipe of `examples/own-recipe`, which lies beside it, as one that can be watched. */
export const watchedRecipe = `import own from './recipe.js';
  export default (kit) => {
    const base = own(kit);
    return {
      ...base,
      plan: base.plan.extend({ watch: kit.pieces.watch.optional() }),
      watched: {
        watch: (plan) => plan.watch,
        installed: ({ machines, site }) => {
          const machine = kit.resolver(machines).machine(site.machine, ['site']);
          const from = { of: 'file', machine, file: site.folder + '/version' };
          return kit.step('checkVersion', { from, pattern: '(.+)', is: '>=0' }).make('preflight');
        },
        withUpdate: (plan, { version, file }) => ({ ...plan, update: { version, folder: file } }),
      },
    };
  };`;
