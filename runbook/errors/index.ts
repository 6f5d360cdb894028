/** The error catalogue: every code that an administrator can meet. `docs/errors.md` is generated from it. */
import { bpmsoftErrors } from './bpmsoft.ts';
import { comindwareErrors } from './comindware.ts';
import { customizationErrors } from './customizations.ts';
import { databaseErrors } from './database.ts';
import type { ErrorKind } from './define.ts';
import { engineErrors } from './engine.ts';
import { exchangeErrors } from './exchange.ts';
import { genericErrors } from './generic.ts';
import { machineErrors } from './machine.ts';
import { onecErrors } from './onec.ts';
import { onecExtensionErrors } from './onec-extension.ts';
import { onecUpdateErrors } from './onec-update.ts';
import { packageErrors } from './package.ts';
import { planErrors } from './plan.ts';
import { pageErrors } from './pages.ts';
import { runErrors } from './run.ts';
import { siteErrors } from './site.ts';
import { updateErrors } from './updates.ts';
import { webErrors } from './web.ts';
import { websiteErrors } from './website.ts';
import { sayWord } from '../messages/facts.ts';
import { fill } from '../messages/fill.ts';
import { differencesOf } from '../messages/proof.ts';
import type { Failure } from '../types.ts';

export { fill };

export const errorCatalogue = {
  ...planErrors,
  ...machineErrors,
  ...databaseErrors,
  ...onecErrors,
  ...onecUpdateErrors,
  ...onecExtensionErrors,
  ...bpmsoftErrors,
  ...siteErrors,
  ...comindwareErrors,
  ...webErrors,
  ...customizationErrors,
  ...websiteErrors,
  ...exchangeErrors,
  ...genericErrors,
  ...updateErrors,
  ...packageErrors,
  ...pageErrors,
  ...runErrors,
  ...engineErrors,
};
export type ErrorCode = keyof typeof errorCatalogue;

export interface ErrorOptions {
  values?: Record<string, string | number>;
  /** The vendor's own words, as they came. */
  vendor?: string;
  where?: string;
  cause?: unknown;
  /** Overrides the catalogue where one code covers both. */
  passing?: boolean;
  effect?: Failure['effect'];
  proof?: Failure['proof'];
}

/** Every error that nakat raises on purpose. Recognise it by `code` (`isNakatError`), never by class. */
export class NakatError extends Error {
  override readonly name = 'NakatError';
  readonly code: ErrorCode;
  readonly failure: Failure;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    const kind: ErrorKind = errorCatalogue[code];
    const values = { ...options.values, ...(options.where === undefined ? {} : { where: options.where }) };
    const message =
      fill(kind.what, values, 'en') + (options.vendor ? ` — ${options.vendor.trim().slice(0, 2000)}` : '');
    super(message, { cause: options.cause });
    this.code = code;
    this.failure = {
      code,
      message,
      values: options.values ?? {},
      ...(options.vendor ? { vendor: options.vendor.trim().slice(0, 4000) } : {}),
      ...(options.where ? { where: options.where } : {}),
      ...(options.proof ? { proof: options.proof } : {}),
      passing: options.passing ?? kind.passing ?? false,
      effect: options.effect ?? kind.effect ?? 'not-done',
    };
  }
}

export const isNakatError = (error: unknown): error is NakatError =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  Object.hasOwn(errorCatalogue, error.code);

/** What happened, in the reader's language, with the vendor's own words. Failures of codes unknown here keep their own message. */
export function failureText(failure: Failure, language: 'en' | 'ru'): string {
  if (!Object.hasOwn(errorCatalogue, failure.code)) return failure.message;
  const kind: ErrorKind = errorCatalogue[failure.code as ErrorCode];
  const values = {
    ...failure.values,
    ...(failure.where === undefined ? {} : { where: failure.where }),
    ...(failure.code === 'DECISION_AGAINST' ? decisionWords(failure, language) : {}),
    ...(failure.proof === undefined ? {} : { differences: differencesOf(failure.proof, language) }),
  };
  return fill(kind.what, values, language) + (failure.vendor ? ` — ${failure.vendor.slice(0, 2000)}` : '');
}

/** The choice, and the deadline where nobody chose, in the reader's language. */
const decisionWords = ({ values }: Failure, language: 'en' | 'ru'): Record<string, string> => ({
  choice: sayWord(String(values['choice'] ?? ''), language),
  why: sayWord(String(values['why'] ?? ''), language),
});

/** What the administrator does now; empty for codes unknown here. */
export function failureTodo(failure: Failure, language: 'en' | 'ru'): string {
  if (!Object.hasOwn(errorCatalogue, failure.code)) return '';
  const kind: ErrorKind = errorCatalogue[failure.code as ErrorCode];
  return fill(
    kind.todo,
    { ...failure.values, ...(failure.where === undefined ? {} : { where: failure.where }) },
    language,
  );
}
