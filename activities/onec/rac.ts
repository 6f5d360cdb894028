/**
 * rac, the console of the cluster's administration server (ras). Every call is short and may be repeated.
 * Sources: arkuznetsov/irac (help texts of rac), vanessa-runner (order of lock, list, terminate).
 * rac takes passwords in its arguments only; they are in no log or message of nakat.
 */
import { NakatError, type ErrorCode } from '../../runbook/errors/index.ts';
import type { InfobaseTarget } from '../../runbook/targets/index.ts';
import { password, program, type Onec } from './onec.ts';
import { parseRecords } from './text.ts';

export interface Session {
  readonly session: string;
  readonly app: string;
  readonly user: string;
  readonly host: string;
}

export interface Rac {
  /** All properties of the infobase's registration, by rac's own names. */
  info(): Promise<Readonly<Record<string, string>>>;
  /** One call, all settings together: either all are taken over or none. */
  update(settings: Readonly<Record<string, string>>): Promise<void>;
  sessions(): Promise<Session[]>;
  /** Asks the session to end; one that is gone already is fine. */
  terminate(session: Session): Promise<void>;
  version(): Promise<string>;
}

type ServerPlace = Extract<InfobaseTarget['at'], { kind: 'server' }>;

export function openRac(onec: Onec, at: ServerPlace): Rac {
  const { machine, target, context } = onec;

  const call = async (argv: readonly string[]): Promise<string> => {
    const result = await machine.run([program(onec, 'rac'), ...argv, at.ras], { timeout: 120, signal: context.signal });
    if (result.code === 0) return result.stdout;
    const vendor = `${result.stderr.trim() || result.stdout.trim()} (exit ${result.code})`;
    throw new NakatError(codeOf(vendor), {
      values: {
        infobase: target.name,
        program: 'rac',
        ras: at.ras,
        user: codeOf(vendor) === 'CLUSTER_LOGIN' ? (at.clusterUser ?? '') : target.user,
      },
      where: machine.name,
      vendor,
    });
  };
  const inCluster = async (cluster: string): Promise<string[]> => [
    `--cluster=${cluster}`,
    ...(at.clusterUser === undefined ? [] : [`--cluster-user=${at.clusterUser}`]),
    ...(at.clusterPassword === undefined ? [] : [`--cluster-pwd=${await context.secret(at.clusterPassword)}`]),
  ];
  const asUser = async (): Promise<string[]> => {
    const secret = await password(onec);
    return [
      ...(target.user === '' ? [] : [`--infobase-user=${target.user}`]),
      ...(secret === '' ? [] : [`--infobase-pwd=${secret}`]),
    ];
  };

  let found: { cluster: string[]; infobase: string } | undefined;
  /** The cluster that has the infobase, and the infobase's id there. Names are compared as 1C does, without case. */
  const find = async (): Promise<{ cluster: string[]; infobase: string }> => {
    if (found) return found;
    for (const { cluster } of parseRecords(await call(['cluster', 'list']))) {
      if (cluster === undefined) continue;
      const options = await inCluster(cluster);
      const record = parseRecords(await call(['infobase', ...options, 'summary', 'list'])).find(
        ({ name }) => name?.toLowerCase() === at.ref.toLowerCase(),
      );
      if (record?.infobase) return (found = { cluster: options, infobase: record.infobase });
    }
    throw new NakatError('INFOBASE_NOT_FOUND', { values: { infobase: at.ref }, where: at.ras });
  };

  return {
    async info() {
      const { cluster, infobase } = await find();
      return (
        parseRecords(await call(['infobase', ...cluster, 'info', `--infobase=${infobase}`, ...(await asUser())]))[0] ??
        {}
      );
    },
    async update(settings) {
      const { cluster, infobase } = await find();
      await call([
        'infobase',
        ...cluster,
        'update',
        `--infobase=${infobase}`,
        ...(await asUser()),
        ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`),
      ]);
    },
    async sessions() {
      const { cluster, infobase } = await find();
      return parseRecords(await call(['session', ...cluster, 'list', `--infobase=${infobase}`])).map((record) => ({
        session: record.session ?? '',
        app: record['app-id'] ?? '',
        user: record['user-name'] ?? '',
        host: record.host ?? '',
      }));
    },
    async terminate({ session }) {
      const { cluster } = await find();
      await call(['session', ...cluster, 'terminate', `--session=${session}`]).catch((error: unknown) => {
        // What counts is the list that is read afterwards.
        context.log('session did not end at once', { session, error: String(error) });
      });
    },
    version: async () =>
      (await machine.run([program(onec, 'rac'), '--version'], { timeout: 60, signal: context.signal })).stdout.trim(),
  };
}

function codeOf(text: string): ErrorCode {
  if (/соединени|connect|unreachable|timed? ?out|refused/i.test(text)) return 'CLUSTER_UNREACHABLE';
  if (/администратор.*кластер|cluster administrator/i.test(text)) return 'CLUSTER_LOGIN';
  if (/Недостаточно прав|Insufficient user rights|Неправильное имя|Идентификация/i.test(text)) return 'INFOBASE_LOGIN';
  return 'ONEC_FAILED';
}
