/** Asks every service of a watch; one that fails, or lies, keeps nobody from hearing the others. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { UpdateService } from '../../runbook/plan/watch.ts';
import { byPreference, heldAgainst, nextRelease } from '../../runbook/watch/next.ts';
import type { Seen, ServiceLook } from '../../runbook/watch/state.ts';
import { folderManifest, webManifest } from './services/manifest.ts';
import { catalogue, updInfo } from './services/onec-lists.ts';
import { releaseApi } from './services/release-api.ts';
import type { Adapter, Io } from './services/service.ts';
import { updateApi } from './services/update-api.ts';

const adapters: { readonly [K in UpdateService['kind']]: Adapter<Extract<UpdateService, { kind: K }>> } = {
  'release-api': releaseApi,
  'upd-info': updInfo,
  catalogue,
  'update-api': updateApi,
  manifest: webManifest,
  folder: folderManifest,
};
export const adapterOf = (service: UpdateService): Adapter => adapters[service.kind] as unknown as Adapter;

export interface Question {
  readonly services: readonly UpdateService[];
  /** Empty: nothing is installed. */
  readonly installed: string;
  readonly seen: Readonly<Record<string, Seen>>;
}

/** In the order of the plan. Never throws for what a service did. */
export const askServices = ({ services, installed, seen }: Question, io: Io): Promise<ServiceLook[]> =>
  Promise.all(services.map((service) => look(service, installed, seen, io)));

async function look(service: UpdateService, installed: string, seen: Question['seen'], io: Io): Promise<ServiceLook> {
  try {
    const releases = await adapterOf(service).releases(service, installed, io);
    const newest = releases.toSorted(byPreference)[0] ?? null;
    if (newest)
      heldAgainst(service.name, newest, Object.hasOwn(seen, service.name) ? seen[service.name] : undefined, installed);
    return { service: service.name, newest, next: nextRelease(releases, installed), failure: null };
  } catch (error) {
    if (io.signal.aborted) throw error;
    const { failure } = isNakatError(error)
      ? error
      : new NakatError('SERVICE_UNREADABLE', {
          values: { service: service.name, problem: String(error).slice(0, 200) },
        });
    return { service: service.name, newest: null, next: null, failure };
  }
}
