import { DependencyError } from '../errors.ts';
import type { FailureCode } from '../errors.ts';
import { describeExplanation } from '../failure-explanations.ts';
import type { RefreshFailure, Refusal } from '../snapshot/pointer.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import type { RefreshRun } from './refresh.ts';
import { calculateBackoff } from './schedule.ts';
import { replacePointer } from '../stored-data/stored-pointer.ts';

export type Failed = { readonly kind: 'failed'; readonly code: FailureCode; readonly retryAfterMs: number };

/** Writes into the pointer that the gate refused a list, which may be confirmed later. */
export async function recordRefusal(run: RefreshRun, refusal: Refusal, recordCount: number): Promise<Failed> {
  const { rule } = refusal;
  const details = { rule, recordCount, lastRecordCount: run.before.pointer.snapshot?.recordCount };
  return recordFailure(run, new DependencyError('UpstreamImplausible', rule, { details }), refusal);
}

/** Writes a failure and its back-off into the pointer, where all instances see it. */
export async function recordFailure(run: RefreshRun, error: DependencyError, refusal?: Refusal): Promise<Failed> {
  const { before, context } = run;
  const failure = await describeFailure(run, error);
  const { code, count, at, notBefore, cure } = failure;
  const backOffMs = notBefore - at;
  const blob = refusal === undefined ? await keepEvidence(run, error) : refusal.blob;
  await replacePointer(run, { ...before.pointer, failure, ...(refusal && { refusal }) });
  const event = blob === undefined ? 'refresh.failed' : 'refresh.quarantined';
  const { correlationId } = context;
  context.log(event, { code, blob, count, backOffMs, cure, correlationId, ...error.details });
  return { kind: 'failed', code, retryAfterMs: backOffMs };
}

async function describeFailure({ deps, before, context }: RefreshRun, error: DependencyError): Promise<RefreshFailure> {
  const at = deps.clock();
  const count = (before.pointer.failure?.count ?? 0) + 1;
  const needsNewToken = error.code === 'UpstreamAuthRequired';
  // Without a version the ordinary back-off applies, so a vault that is down as well does not block refreshes for good.
  const token = needsNewToken ? await deps.tokens.current(context).catch(() => undefined) : undefined;
  return {
    code: error.code,
    count,
    at,
    notBefore: at + calculateBackoff(count, error.retryAfterMs, deps.random),
    refreshTokenVersion: token?.version ?? null,
    upstreamCode: error.explanation.upstreamCode ?? null,
    cure: error.explanation.cure,
    detail: describeExplanation(error.explanation),
  };
}

/** Keeps the refused bytes for the operator, if storage lets it. */
async function keepEvidence({ deps, context }: RefreshRun, error: DependencyError): Promise<string | undefined> {
  if (error.evidence === undefined) return undefined;
  const blob = blobNames.quarantine(deps.clock(), error.code);
  try {
    await deps.store.writeLines(blob, Buffer.from(error.evidence), context);
    return blob;
  } catch {
    return undefined;
  }
}
