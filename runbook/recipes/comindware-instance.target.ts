/** A planned instance with all its names, folders and pools: what the plan leaves out is where the product puts it. */
import type { PlannedInstance } from '../plan/comindware-instance.ts';
import type { InstanceTarget, MachineTarget } from '../targets/index.ts';

interface Names {
  readonly name: string;
  readonly site: string;
  readonly pools: string[];
  readonly main: string;
  readonly config: string;
  readonly database: string;
  readonly streams: string | null;
  readonly logs: string;
}

const data = 'C:\\ProgramData\\Comindware';

export function namesOf(planned: PlannedInstance): Names {
  const { name } = planned;
  const folder = planned.folder ?? `${data}\\Instances\\${name}`;
  return {
    name,
    site: planned.site ?? name,
    pools: planned.pools ?? [`Comindware ${name}_apigateway`, `Comindware ${name}`, `Comindware ${name}_adapterhost`],
    main: planned.main ?? `${data}\\configs\\instance\\${name}.yml`,
    config: planned.config ?? `${folder}\\Config`,
    database: planned.database ?? `${folder}\\Database`,
    streams: planned.streams === undefined ? `${folder}\\Streams` : planned.streams,
    logs: planned.logs ?? `${folder}\\Logs`,
  };
}

/** @param doors what is left while users are kept out; default: the instance’s own. */
export function targetOf(
  planned: PlannedInstance,
  machine: MachineTarget,
  idle: string[],
  maintenanceBinding = planned.binding,
): InstanceTarget {
  const { streams, ...names } = namesOf(planned);
  const { url, appcmd, binding, binaries, templates, backups, success, problem, login, health } = planned;
  return {
    ...names,
    ...(streams === null ? {} : { streams }),
    machine,
    idle,
    maintenanceBinding,
    url,
    appcmd,
    binding,
    binaries,
    templates,
    backups,
    success,
    problem,
    login,
    health,
  };
}
