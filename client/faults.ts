/** Temporal's errors in nakat's words. */
import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { errorCatalogue, isNakatError, NakatError, type ErrorCode } from '../runbook/errors/index.ts';
import type { Failure } from '../runbook/types.ts';

/** Codes of gRPC. A call whose deadline is noticed by the server first comes back as cancelled. */
const cancelled = 1;
const deadlineExceeded = 4;
const failedPrecondition = 9;
const unavailable = 14;

export interface About {
  readonly run: string;
  readonly system: string;
  readonly address: string;
}

/** Every error of the client library is a NakatError; what it does not know stays as it came. */
export function inOurWords(error: unknown, { run, system, address }: About): unknown {
  const own = causes(error).find(isNakatError);
  if (own) return own;
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return new NakatError('RUN_ALREADY_GOING', { values: { system, run } });
  if (error instanceof WorkflowNotFoundError)
    return new NakatError('RUN_NOT_FOUND', { values: { run }, where: address });
  if (error instanceof WorkflowUpdateFailedError) return refusal(error.cause) ?? error;
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new NakatError('NO_WORKER', { values: { run }, cause: error });
  const grpc = causes(error).find(isGrpcServiceError);
  if (grpc?.code === unavailable)
    return new NakatError('CANNOT_CONNECT', { where: address, vendor: grpc.details, cause: error });
  // The server says FAILED_PRECONDITION when no worker has asked for work lately.
  if (grpc && [cancelled, deadlineExceeded, failedPrecondition].includes(grpc.code))
    return new NakatError('NO_WORKER', { values: { run }, cause: error });
  return error;
}

/** The run's own answer to a message that it did not take. */
function refusal(cause: unknown): NakatError | undefined {
  if (!(cause instanceof ApplicationFailure) || !cause.type || !Object.hasOwn(errorCatalogue, cause.type))
    return undefined;
  const failure = cause.details?.[0] as Failure | undefined;
  return new NakatError(cause.type as ErrorCode, {
    values: { ...failure?.values },
    vendor: failure?.vendor,
    where: failure?.where,
  });
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at instanceof Error && chain.length < 10; at = at.cause) chain.push(at);
  return chain;
}
