import { startGround } from '../ground.ts';
import type { Demo } from './demo.ts';

export const demo: Demo = {
  choosesDatabase: true,
  plan: (database) =>
    database === 'postgres' ? 'examples/bpmsoft-connector.yaml' : 'examples/bpmsoft-connector-sqlserver.yaml',
  start: ({ dir, cluster, database, break: what }) =>
    startGround({
      dir,
      cluster,
      database,
      restoreOnce: what === 'restore-once',
      // Compiling breaks before anything was touched; the others break production only, after a rehearsal that went well.
      breakages: what === undefined ? {} : { [what === 'restore-once' ? 'integrations' : what]: 'production' },
    }),
};
