import type { UpdateService } from '../../../runbook/plan/watch.ts';
import type { Release } from '../../../runbook/watch/state.ts';
import type { ReadSecret } from '../../notify/sending.ts';
import type { Asked } from '../http.ts';

export interface Io {
  readonly secret: ReadSecret;
  readonly signal: AbortSignal;
}

/** How one kind of update service is talked to. */
export interface Adapter<S extends UpdateService = UpdateService> {
  /** All that it has for this product, in any order. `installed` is empty where nothing is. Throws SERVICE_…. */
  releases(service: S, installed: string, io: Io): Promise<Release[]>;
  /** Who asks for the file, where that is not the service’s own log-in. */
  login?(service: S): Asked['login'];
}

/** No list of updates is as long; the largest known, 1C’s catalogue, is a few MiB. */
export const answerLimit = 32 * 1024 * 1024;
export type Of<K extends UpdateService['kind']> = Extract<UpdateService, { kind: K }>;
