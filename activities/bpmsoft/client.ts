/**
 * BPMSoft over HTTP, as its own client programs use it. Sources of the service names, bodies and replies: clio
 * (ServiceUrlBuilder.cs, PackageInstaller.cs, PackageBuilder.cs, CompilationHistoryPoller.cs, HealthCheckCommand.cs),
 * creatioclient (CreatioClient.cs, chunked upload), Creatio Academy (ProcessEngineService, OData 4).
 * BPMSoft kept these names when it left Creatio; what may differ between releases is probed here, never assumed.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { CompileResult, SiteVersions } from '../../runbook/results.ts';
import type { SiteTarget } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { compileFailure, readCompileErrors, readCompileReply } from './compile.ts';
import { readReply, selectQuery, updateQuery, type Filter, type Row } from './rows.ts';
import { openSession, title } from './session.ts';
import { poll, type Limits, defaultLimits } from './wait.ts';

export interface Bpmsoft {
  versions(): Promise<SiteVersions>;
  /** Null when the site has no such package. */
  packageVersion(name: string): Promise<string | null>;
  generateSources(): Promise<void>;
  /** Throws COMPILE_ERRORS, or COMPILE_NO_REPLY. */
  compileAll(): Promise<CompileResult>;
  /** Returns the SHA-256 of what was sent. */
  upload(path: string, file: string, onProgress?: (done: number, total: number) => void): Promise<string>;
  /** Starts the installation of an uploaded file; comes back when it has ended. Sent once, whatever happens. */
  install(file: string): Promise<{ success: boolean; message: string }>;
  /** The log of the running or last installation. */
  installLog(): Promise<string>;
  /** `rowCount` default: as many as one reply may hold. */
  select(entity: string, columns: readonly string[], filter?: Filter, rowCount?: number): Promise<Row[]>;
  /** Rows changed. The filter must not be empty. */
  update(entity: string, set: Row, filter: Filter): Promise<number>;
  /** All pages of a collection; `query` as OData has it: `$filter=…`. */
  odata(collection: string, query?: string): Promise<Record<string, unknown>[]>;
  /** Starts a process once. Throws SITE_CALL_FAILED when it was refused. */
  runProcess(schema: string, parameters: Readonly<Record<string, string>>): Promise<void>;
  /** Asks the application to restart; it may go before it answers. */
  restart(): Promise<void>;
  /** The health page that answered; `none` when the site has none of those known. Throws SITE_UNREACHABLE when one says unwell. */
  health(): Promise<string>;
  /** The public address as a visitor sees it. Throws SITE_START_PAGE_WRONG. */
  startPage(): Promise<{ url: string; title: string }>;
}

const chunk = 2 ** 20;
/** The most rows that BPMSoft gives in one reply. */
const allRows = 20_000;
/** BPMSoft's own page first, then Creatio's; below the prefix for the framework layout. */
const healthPages = ['healthz', 'api/HealthCheck/Ping', '0/healthz', '0/api/HealthCheck/Ping'];

const outcome = z.object({ success: z.boolean(), errorInfo: z.object({ message: z.string().nullish() }).nullish() });
const appInfo = z.object({ applicationInfo: z.object({ sysValues: z.object({ coreVersion: z.string() }) }) });
const odataPage = z.object({
  value: z.array(z.record(z.string(), z.unknown())),
  '@odata.nextLink': z.string().optional(),
});

export function bpmsoft(target: SiteTarget, context: StepContext, limits: Limits = defaultLimits): Bpmsoft {
  const session = openSession(target, context);
  const site = target.name;

  const readOutcome = (body: unknown): { success: boolean; message: string } => {
    const parsed = outcome.safeParse(body);
    return parsed.success
      ? { success: parsed.data.success, message: parsed.data.errorInfo?.message ?? '' }
      : { success: false, message: JSON.stringify(body).slice(0, 500) };
  };
  const demand = (operation: string, body: unknown): void => {
    const { success, message } = readOutcome(body);
    if (!success)
      throw new NakatError('SITE_CALL_FAILED', {
        values: { site, operation, status: 200 },
        vendor: message,
        where: site,
      });
  };
  const query = async (kind: 'SelectQuery' | 'UpdateQuery', json: unknown) =>
    readReply(await session.json(`DataService/json/SyncReply/${kind}`, { json }), site, kind);
  const select: Bpmsoft['select'] = async (entity, columns, filter = {}, rowCount = allRows) =>
    (await query('SelectQuery', selectQuery(entity, columns, filter, rowCount))).rows;

  /** Of the last compilation, where this release keeps a history. */
  const lastCompilation = async (): Promise<Row | undefined> => {
    try {
      const rows = await select('CompilationHistory', ['Id', 'CreatedOn', 'Result', 'ErrorsWarnings']);
      return rows.reduce<Row | undefined>(
        (last, row) => (last === undefined || String(row['CreatedOn']) > String(last['CreatedOn']) ? row : last),
        undefined,
      );
    } catch (error) {
      if (isNakatError(error) && error.code === 'SITE_CALL_FAILED') return undefined;
      throw error;
    }
  };

  async function compiled(): Promise<ReturnType<typeof readCompileReply>> {
    const before = (await lastCompilation())?.['Id'];
    try {
      return readCompileReply(
        await session.json('ServiceModel/WorkspaceExplorerService.svc/Rebuild', { timeout: null }),
      );
    } catch (error) {
      if (!isNakatError(error) || error.code !== 'SITE_UNREACHABLE') throw error;
      // Newer releases restart while compiling and answer nothing: then the history tells.
      const row = await poll(limits.compile, context.signal, async () => {
        const last = await lastCompilation().catch(unreachable);
        return last && last['Id'] !== before ? last : undefined;
      });
      const errors = row && readCompileErrors(row['ErrorsWarnings']);
      if (!row || !errors)
        throw new NakatError('COMPILE_NO_REPLY', { values: { site, operation: 'Rebuild' }, where: site, cause: error });
      return { success: errors.every(({ warning }) => warning), errors, message: '' };
    }
  }

  return {
    async versions() {
      const info = appInfo.parse(
        await session.json('ServiceModel/ApplicationInfoService.svc/GetApplicationInfo', { json: {} }),
      );
      const rows = await select('SysPackage', ['Name', 'Version']);
      const packages = rows
        .map((row): [string, string] => [String(row['Name']), String(row['Version'] ?? '')])
        .sort(([a], [b]) => (a < b ? -1 : 1));
      return { core: info.applicationInfo.sysValues.coreVersion, packages: Object.fromEntries(packages) };
    },
    async packageVersion(name) {
      const [row] = await select('SysPackage', ['Name', 'Version'], { Name: name }, 1);
      return row ? String(row['Version'] ?? '') : null;
    },
    async generateSources() {
      const body = await session.json('ServiceModel/WorkspaceExplorerService.svc/GenerateAllSchemasSources', {
        timeout: null,
      });
      const { success, errors, message } = readCompileReply(body);
      if (!success || errors.some(({ warning }) => !warning)) throw compileFailure(site, errors, message);
    },
    async compileAll() {
      const { success, errors, message } = await compiled();
      if (!success || errors.some(({ warning }) => !warning)) throw compileFailure(site, errors, message);
      return { errors: [], warnings: errors.length };
    },
    async upload(path, file, onProgress) {
      const handle = await open(path).catch((cause: unknown) => {
        throw new NakatError('PACKAGE_NOT_FOUND', { values: { file: path }, vendor: String(cause), cause });
      });
      try {
        const { size } = await handle.stat();
        const hash = createHash('sha256');
        const address = `ServiceModel/PackageInstallerService.svc/UploadPackage?totalFileLength=${size}&fileName=${encodeURIComponent(file)}&mimeType=application%2Fx-zip-compressed`;
        for (let at = 0; at < size; at += chunk) {
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(chunk, size - at)), 0, undefined, at);
          const body = buffer.subarray(0, bytesRead);
          hash.update(body);
          const { success, message } = readOutcome(
            await session.json(address, {
              body,
              timeout: 300,
              headers: {
                'content-type': 'application/octet-stream',
                'content-range': `bytes ${at}-${at + body.length - 1}/${size}`,
                'content-disposition': `attachment; filename=${encodeURIComponent(file)}`,
              },
            }),
          );
          if (!success)
            throw new NakatError('UPLOAD_REFUSED', { values: { site, file }, vendor: message, where: site });
          onProgress?.(at + body.length, size);
        }
        return hash.digest('hex');
      } finally {
        await handle.close();
      }
    },
    install: async (file) =>
      readOutcome(
        await session.json('ServiceModel/PackageInstallerService.svc/InstallPackage', {
          json: file,
          timeout: null,
          once: true,
        }),
      ),
    installLog: () => session.text('ServiceModel/PackageInstallerService.svc/GetLogFile', { method: 'GET' }),
    select,
    update: async (entity, set, filter) => (await query('UpdateQuery', updateQuery(entity, set, filter))).rowsAffected,
    async odata(collection, odataQuery) {
      const found: Record<string, unknown>[] = [];
      let path: string | undefined = `odata/${collection}${odataQuery ? `?${odataQuery}` : ''}`;
      while (path !== undefined) {
        const page = odataPage.safeParse(
          await session.json(path, { method: 'GET', headers: { accept: 'application/json' } }),
        );
        if (!page.success)
          throw new NakatError('SITE_CALL_FAILED', {
            values: { site, operation: `odata/${collection}`, status: 200 },
            where: site,
          });
        found.push(...page.data.value);
        // Only the query of the next page is taken: its address is the server's idea of its own host name.
        const next: string | undefined = page.data['@odata.nextLink'];
        path = next === undefined ? undefined : `odata/${collection}?${next.split('?')[1] ?? ''}`;
      }
      return found;
    },
    async runProcess(schema, parameters) {
      const parameterValues = Object.entries(parameters).map(([name, value]) => ({ name, value }));
      demand(
        'RunProcess',
        await session.json('ServiceModel/ProcessEngineService.svc/RunProcess', {
          json: { schemaName: schema, parameterValues, resultParameterNames: [] },
          once: true,
        }),
      );
    },
    async restart() {
      const operation = target.layout === 'core' ? 'RestartApp' : 'UnloadAppDomain';
      await session
        .json(`ServiceModel/AppInstallerService.svc/${operation}`, { json: {} })
        .then((body) => demand(operation, body), unreachable);
    },
    async health() {
      for (const page of healthPages) {
        const { status, body } = await session.visit(session.root(page));
        // A page that sends to the log-in, or is not there, says nothing about health.
        if (status === 200 && !/<form|\/Login\//i.test(body)) return page;
        if (status >= 500)
          throw new NakatError('SITE_UNREACHABLE', {
            values: { site, url: target.url },
            vendor: `${page}: HTTP ${status} ${title(body)}`,
            where: site,
          });
      }
      return 'none';
    },
    async startPage() {
      const { status, body, url } = await session.visit(target.publicUrl);
      const wrong =
        status !== 200 || !body.trimStart().startsWith('<') || !/login/i.test(url + body) || errorPage.test(body);
      if (wrong)
        throw new NakatError('SITE_START_PAGE_WRONG', {
          values: { site, url, status },
          vendor: title(body),
          where: site,
        });
      return { url, title: title(body) };
    },
  };
}

/** What IIS and ASP.NET put on a page that they serve with status 200 or inside a frame. */
const errorPage = /Server Error in '|Runtime Error|HTTP Error \d{3}|Service Unavailable|Ошибка сервера/i;

/** For probes while the application restarts: no answer is not an answer. */
export function unreachable(error: unknown): undefined {
  if (!isNakatError(error) || !['SITE_UNREACHABLE', 'SITE_SESSION_LOST', 'SITE_BUSY'].includes(error.code)) throw error;
}
