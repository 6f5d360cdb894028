/** From the plan to what its steps act on. */
import { resolver } from '../plan/resolve.ts';
import { resolveTree } from '../plan/web.ts';
import type { ZetaWebPlan } from '../plan/zeta-web.ts';
import { PlanMistakeAt, type PlanFile, type PlanPath, type step } from '../recipe.ts';
import {
  schemaReference,
  type Archive,
  type DatabaseTarget,
  type InfobaseTarget,
  type OnecFile,
  type PageCheck,
  type SchemaReference,
  type SiteExchange,
  type WebSite,
  type WebTree,
} from '../targets/index.ts';
import { wayOf } from './zeta-web.mistakes.ts';

export interface Side {
  readonly infobase: InfobaseTarget;
  readonly site: WebSite;
  readonly database: DatabaseTarget;
  readonly tree: WebTree;
  readonly exchange: SiteExchange;
  readonly pages: PageCheck | undefined;
}

export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly file: OnecFile;
  readonly kind: 'cf' | 'cfu';
  readonly way: 'update' | 'load';
  readonly settings: string | null;
}

export interface Parts {
  readonly production: Side;
  readonly test: Side;
  readonly hops: readonly Hop[];
  readonly archive: Archive;
  readonly previous: Archive | undefined;
  readonly schemas: { readonly before: Reference | undefined; readonly after: Reference | undefined };
  readonly exchangeFiles: readonly string[];
}

/** `release`: how its file is called. */
export interface Reference {
  readonly release: string;
  readonly columns: SchemaReference;
}

export type Files = Readonly<Record<string, PlanFile>>;

/** Name of a release's file among the plan's files. */
export const fileOfRelease = (version: string): string => `configuration ${version}`;

export function partsOf(plan: ZetaWebPlan, files: Files): Parts {
  const { update, schemas } = plan;
  const archive = (file: PlanFile | undefined, version: string): Archive | undefined =>
    file && { path: file.path, sha256: file.sha256, name: update.name, version };
  const whole = archive(files['archive'], update.version);
  if (!whole) throw new PlanMistakeAt(['update', 'archive'], 'expected the vendor’s zip');
  return {
    production: sideOf(plan, 'production'),
    test: sideOf(plan, 'test'),
    hops: hopsOf(plan, files),
    archive: whole,
    previous: archive(files['previous'], baseName(files['previous']?.path)),
    schemas: {
      before: schemas.before === undefined ? undefined : referenceOf(files['schema before'], ['schemas', 'before']),
      after: schemas.after === undefined ? undefined : referenceOf(files['schema after'], ['schemas', 'after']),
    },
    exchangeFiles: plan.test.exchange.map((_, at) => files[`exchange ${at}`]?.path ?? ''),
  };
}

function sideOf(plan: ZetaWebPlan, which: 'production' | 'test'): Side {
  const resolve = resolver(plan.machines);
  const { infobase, web } = plan[which];
  const { exchange, version } = plan.site;
  const account = { user: web.user, ...(web.password ? { password: web.password } : {}) };
  return {
    infobase: resolve.infobase(infobase, [which, 'infobase']),
    site: { name: web.name, url: web.url, ...account, version },
    database: resolve.database(web.database, [which, 'web', 'database']),
    tree: seenAt(web.url, resolveTree(web.files, [which, 'web', 'files'], resolve.machine)),
    exchange: {
      switch: exchange.switch,
      ...(exchange.path !== undefined && web.exchange
        ? { endpoint: { path: exchange.path, type: exchange.type, ...web.exchange } }
        : {}),
      journal: exchange.journal,
    },
    pages: plan.pages && { ...plan.pages, ...account, name: web.name, url: web.url },
  };
}

/** What a person puts in place is compared where visitors see it. */
const seenAt = (url: string, tree: WebTree): WebTree => (tree.via === 'manual' ? { url, ...tree } : tree);

function hopsOf(plan: ZetaWebPlan, files: Files): Hop[] {
  const way = wayOf(plan);
  // What is wrong with it is said among the mistakes.
  if (way instanceof Error || !way.found) return [];
  let from = plan.update.configuration.from;
  return way.hops.map((release) => {
    const file = files[fileOfRelease(release.version)];
    const hop: Hop = {
      from,
      to: release.version,
      file: { at: 'worker', path: file?.path ?? release.file, sha256: file?.sha256 ?? null },
      kind: release.kind,
      way: release.way,
      settings: release.settings ?? null,
    };
    from = release.version;
    return hop;
  });
}

function referenceOf(file: PlanFile | undefined, path: PlanPath): Reference {
  let value: unknown;
  try {
    value = JSON.parse(file?.text ?? '');
  } catch {
    throw new PlanMistakeAt(path, 'expected JSON: {"table": ["column", …]}');
  }
  const parsed = schemaReference.safeParse(value);
  if (!parsed.success) throw new PlanMistakeAt(path, 'expected columns by table: {"table": ["column", …]}');
  return { release: baseName(file?.path), columns: parsed.data };
}

const baseName = (path = ''): string => path.replace(/^.*[\\/]/, '');

/** What `readState` looks at. */
export type State = Parameters<typeof step<'readState'>>[1];

export const exchangeOn = ({ site, database, exchange }: Parts['production']) => ({ site, database, exchange });
