/** The report as a schema: what `docs/report.schema.json` is made from. Unknown properties are allowed in it: later versions may add some. */
import { z } from 'zod';
import { proofTexts, type ProofKind } from './messages/proof.ts';
import { reportOutcomes, stepOutcomes, type SealedReport } from './report.ts';
import { editFates } from './results.ts';
import { stageNames } from './types.ts';

const time = z.number().describe('Epoch milliseconds.');
const seconds = z.number().min(0).describe('Seconds.');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const values = z.record(z.string(), z.union([z.string(), z.number()]));
const said = z
  .looseObject({ en: z.string(), ru: z.string(), values: values.optional() })
  .describe('A text in both languages; `{name}` is replaced by the value of that name.');

const failure = z
  .looseObject({
    code: z.string().describe('Of the error catalogue, docs/errors.md.'),
    message: z.string(),
    values,
    vendor: z.string().optional().describe('The vendor’s own words.'),
    where: z.string().optional(),
    passing: z.boolean().describe('The same may succeed later.'),
    effect: z.enum(['not-done', 'unknown']).describe('`unknown`: it may have taken effect.'),
  })
  .describe('What failed, where, and in the vendor’s own words.');

const edits = z.looseObject({
  total: z.int().min(0),
  files: z
    .array(
      z.looseObject({
        path: z.string(),
        fate: z
          .enum(editFates)
          .describe('`resolved`: a person decided. `moved`: by the customer, its content is the vendor’s.'),
        from: z
          .string()
          .optional()
          .describe('Where the customer had it, or the vendor has it, when the file was moved.'),
        decided: z
          .looseObject({
            choice: z.string().describe('`ours`, `theirs`, `edited`, or `lines` that were decided before.'),
            by: z.string(),
            at: time,
            remembered: z.boolean().describe('Decided in an earlier update, and taken again.'),
          })
          .optional(),
      }),
    )
    .describe('The first ones; what a person decided comes first.'),
  place: z.string().describe('The whole list, on the machine of the worker.'),
});

const step = z.looseObject({
  id: z.string(),
  activity: z.string().describe('Of the step catalogue, docs/steps.md.'),
  title: said,
  effect: z.enum(['reads', 'writes']),
  outcome: z.enum(stepOutcomes),
  attempts: z.int().min(0),
  seconds,
  startedAt: time.nullable(),
  failure: failure.nullable(),
  result: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe('Short facts out of its result.'),
  findings: z.array(said).optional().describe('What it found, for people: the first 100.'),
  edits: edits.optional().describe('What became of the customer’s edits; only of the step that checks the merge.'),
});

const voice = z.looseObject({ who: z.string(), at: time, why: z.string(), choice: z.string(), channel: z.string() });

const decision = z.looseObject({
  id: z.string(),
  kind: z.enum(['approval', 'acceptance', 'manual', 'failure']),
  title: said,
  asked: time,
  choice: z.string().nullable(),
  at: time.nullable(),
  by: z.array(voice).describe('Whose word counted; empty when the deadline decided.'),
  digest: z.string().describe('Of the runbook that was decided about.'),
  deadline: time.nullable(),
  takenAtDeadline: z.boolean(),
  refused: z.array(voice.extend({ code: z.string() })).describe('What was sent and did not count.'),
  previous: sha256,
  hash: sha256.describe(
    'SHA-256 of `previous` followed by the decision’s canonical JSON (RFC 8785) without `previous` and `hash`.',
  ),
});

const backup = z.looseObject({
  id: z.string(),
  system: z.enum(['database', 'infobase', 'files']),
  engine: z.string(),
  place: z.string(),
  machine: z.string(),
  bytes: z.number(),
  sha256: z.string().nullable(),
  verified: z.string(),
  files: z.int().min(0).optional().describe('Of a tree: how many.'),
  step: z.string(),
});

const proofLine = z.looseObject({
  what: z.string().describe('In English; `kind`, `name` and `of` say the same for programs.'),
  kind: z.enum(Object.keys(proofTexts) as [ProofKind, ...ProofKind[]]).optional(),
  name: z.string().optional(),
  of: z.string().optional(),
  before: z.string(),
  after: z.string(),
  equal: z.boolean(),
});

export const reportSchema = z
  .looseObject({
    format: z.literal(1),
    nakat: z.string().describe('Version of nakat.'),
    run: z.string(),
    system: z.string(),
    title: said,
    product: z.string(),
    initiator: z.string(),
    outcome: z
      .enum(reportOutcomes)
      .describe(
        '`updated`: new and verified. `restored`: as before. `stopped`: before production was touched. `handed-over`: an operator took over a failing restore. `going`: the run has not ended, this is how it stands.',
      ),
    digest: z.string().describe('Of the runbook that was carried out.'),
    update: z.looseObject({
      file: z.string().nullable(),
      sha256: z.string().nullable(),
      name: z.string(),
      version: z.string(),
    }),
    startedAt: time,
    endedAt: time,
    downtimeSeconds: seconds,
    downtime: z.looseObject({ from: z.number(), to: z.number() }).nullable(),
    reason: failure.nullable(),
    stages: z.array(
      z.looseObject({
        name: z.enum(stageNames),
        startedAt: time.nullable(),
        endedAt: time.nullable(),
        steps: z.array(step),
      }),
    ),
    decisions: z.array(decision),
    restore: z.looseObject({ reason: failure, proof: z.array(proofLine), proved: z.boolean() }).nullable(),
    backups: z.array(backup),
    window: z
      .looseObject({ opens: time, closes: time, pointOfNoReturn: time.nullable(), timeZone: z.string() })
      .nullable(),
    timeZone: z.string().optional().describe('Of the plan’s window, also where none was found yet.'),
    estimates: z.looseObject({ production: seconds, restore: seconds }),
    warnings: z.array(said),
    next: z.array(said).describe('What to do next.'),
    notificationsFailed: z.array(z.looseObject({ name: z.string(), reason: z.string() })),
    seal: sha256.describe('The last hash of the chain of decisions: keep it outside of this file.'),
  })
  .meta({ title: 'Report of a nakat run' }) satisfies z.ZodType<SealedReport>;
