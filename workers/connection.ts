/**
 * Where the Temporal server is: an address given outright, the SDK's usual settings (`TEMPORAL_ADDRESS`, TLS, API key,
 * temporal.toml), else the embedded server of the state folder.
 */
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { NakatError } from '../runbook/errors/index.ts';
import { stateFolder } from './folders.ts';
import { runningServer } from './server.ts';

/** Runs and their steps are offered to workers here. */
export const taskQueue = 'nakat';

export type ConnectionOptions = ClientConnectConfig['connectionOptions'];

export interface Where {
  readonly address?: string;
  /** Default: that of the SDK's settings, else `default`. */
  readonly namespace?: string;
  readonly stateDir?: string;
}

export interface Settings {
  readonly address: string;
  readonly namespace: string;
  readonly options: ConnectionOptions;
}

/** Throws CONNECTION_SETTINGS_INVALID, or CANNOT_CONNECT when nothing names a server. */
export function connectionSettings(where: Where = {}): Settings {
  let config: ClientConnectConfig;
  try {
    config = loadClientConnectConfig();
  } catch (error) {
    throw new NakatError('CONNECTION_SETTINGS_INVALID', { vendor: (error as Error).message, cause: error });
  }
  const namespace = where.namespace ?? config.namespace ?? 'default';
  const given = where.address ?? config.connectionOptions.address;
  if (given) return { address: given, namespace, options: { ...config.connectionOptions, address: given } };
  const stateDir = where.stateDir ?? stateFolder();
  const running = runningServer(stateDir);
  if (!running) throw new NakatError('CANNOT_CONNECT', { where: stateDir });
  const { address } = running;
  return { address, namespace: where.namespace ?? running.namespace ?? 'default', options: { address } };
}
