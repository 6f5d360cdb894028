/**
 * A stand-in for Microsoft SQL Server: it speaks TDS 7.4 to the real driver, understands exactly the statements that nakat
 * sends, refuses every other one with error 102, and keeps real state in PostgreSQL databases and real backup files. It stands
 * for the behaviour described in MS-TDS (Microsoft Open Specifications) and the Transact-SQL reference (Microsoft Learn); it
 * was not compared with a running SQL Server, so the contract suite should also be run against one (`NAKAT_TEST_SQLSERVER`).
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Faults, openInstance, type SqlServerOptions } from './instance.ts';
import { serve } from './session.ts';

export type { Faults, SqlServerOptions } from './instance.ts';

export interface SqlServer {
  readonly port: number;
  readonly faults: Faults;
  /** The PostgreSQL database that is behind a SQL Server database. */
  pgName(database: string): string;
  stop(): Promise<void>;
}

export async function startSqlServer(options: SqlServerOptions): Promise<SqlServer> {
  await mkdir(options.backups, { recursive: true });
  const instance = await openInstance(options);
  const sockets = new Map<Socket, Promise<void>>();
  let spid = 50;
  const server = createServer((socket) => {
    const served = serve(instance, socket, ++spid).finally(() => sockets.delete(socket));
    sockets.set(socket, served);
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    faults: instance.faults,
    pgName: (database) => instance.pgName(database),
    async stop() {
      server.close();
      for (const socket of sockets.keys()) socket.destroy();
      await Promise.all(sockets.values());
      await instance.close();
    },
  };
}
