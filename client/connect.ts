/** The way into Temporal for everything that people use: the command, the console, other programs. */
import { Client, Connection } from '@temporalio/client';
import { NakatError } from '../runbook/errors/index.ts';
import { dataConverter } from '../workers/codec.ts';
import { connectionSettings, type Where } from '../workers/connection.ts';

export interface Nakat {
  readonly client: Client;
  readonly address: string;
  close(): Promise<void>;
}

/** Throws CANNOT_CONNECT, CONNECTION_SETTINGS_INVALID, KEY_INVALID. */
export async function connect(where: Where = {}): Promise<Nakat> {
  const { address, namespace, options } = connectionSettings(where);
  const converter = dataConverter();
  // The same settings, in the two shapes that the SDK has for its two kinds of connection.
  const connection = await Connection.connect({ ...(options as object), address, connectTimeout: '10s' }).catch(
    (error: unknown) => {
      throw new NakatError('CANNOT_CONNECT', {
        where: address,
        vendor: error instanceof Error ? error.message : String(error),
        cause: error,
      });
    },
  );
  const client = new Client({ connection, namespace, dataConverter: converter });
  return { client, address, close: () => connection.close() };
}
