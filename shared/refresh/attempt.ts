import type { OperationContext } from '../context.ts';
import type { Clock, Random } from '../clock.ts';
import { DependencyError, toDependencyError } from '../errors.ts';
import type { FailureCode } from '../errors.ts';
import { describeExplanation } from '../explanation.ts';
import { emptyPointer } from '../snapshot/pointer.ts';
import type { RefreshFailure, Refusal, SnapshotInfo, SnapshotPointer } from '../snapshot/pointer.ts';
import type { NamedList } from './accept-quarantined.ts';
import { failureBackoffMs } from './backoff.ts';
import { blobNames } from './blob-names.ts';
import { logFoundEvents } from './find-events.ts';
import { judge } from './apply-gate.ts';
import { reportOddRecords } from './odd-records.ts';
import type { StoredPointer, UsageSource } from './ports.ts';
import { preparePublication } from './publication.ts';
import type { Candidate, PublishDeps } from './publication.ts';

export type AttemptDeps = PublishDeps & {
  readonly source: UsageSource;
  readonly clock: Clock;
  readonly random: Random;
};

export type AttemptOutcome =
  | { readonly kind: 'published' | 'unchanged'; readonly pointer: SnapshotPointer; readonly info: SnapshotInfo }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly retryAfterMs: number };

/**
 * One attempt by the holder of the lease: download, gate, blobs, one pointer swap; or the shared back-off when any of it fails.
 * Throws a DependencyError only when the pointer cannot or must not be written: storage down, lease lost, deadline over.
 */
export async function attemptRefresh(
  deps: AttemptDeps,
  stored: StoredPointer | undefined,
  context: OperationContext,
): Promise<AttemptOutcome> {
  const before = stored?.pointer ?? emptyPointer;
  try {
    const download = await deps.source.download(context);
    reportOddRecords(download.snapshot, context);
    const now = deps.clock();
    const verdict = await judge(deps, before, download.snapshot, now, context);
    if (verdict.gate === 'refused')
      return await refuse(deps, stored, verdict.refusal, download.snapshot.count, context);
    return await publish(deps, stored, { download, gate: verdict.gate, fetchedAt: now }, context);
  } catch (error) {
    const failure = toDependencyError(error, 'the refresh ended unexpectedly');
    // Without the lease or past the deadline another process may be at work: nothing is written any more.
    if (context.signal.aborted) throw failure;
    return await backOff(deps, stored, failure, context);
  }
}

/** Publishes a refused list on the operator's word. Throws a DependencyError, and then nothing has changed. */
export async function acceptNamedList(
  deps: AttemptDeps,
  stored: StoredPointer | undefined,
  { download, fetchedAt }: NamedList,
  context: OperationContext,
): Promise<AttemptOutcome> {
  const outcome = await publish(deps, stored, { download, gate: 'accepted', fetchedAt }, context);
  context.log('quarantine.accepted', { recordCount: download.snapshot.count, correlationId: context.correlationId });
  return outcome;
}

async function publish(
  deps: AttemptDeps,
  stored: StoredPointer | undefined,
  candidate: Candidate,
  context: OperationContext,
): Promise<AttemptOutcome> {
  const { kind, info, pointer, events } = await preparePublication(
    deps,
    stored?.pointer ?? emptyPointer,
    candidate,
    context,
  );
  await swap(deps, stored, pointer, context);
  logFoundEvents(events, context);
  return { kind, info, pointer };
}

async function refuse(
  deps: AttemptDeps,
  stored: StoredPointer | undefined,
  refusal: Refusal,
  recordCount: number,
  context: OperationContext,
): Promise<AttemptOutcome> {
  const before = stored?.pointer ?? emptyPointer;
  const failure = await failureAfter(deps, before, new DependencyError('UpstreamImplausible', refusal.rule), context);
  await swap(deps, stored, { ...before, failure, refusal }, context);
  context.log('refresh.quarantined', {
    code: failure.code,
    rule: refusal.rule,
    blob: refusal.blob,
    recordCount,
    lastRecordCount: before.snapshot?.recordCount,
    count: failure.count,
    cure: failure.cure,
    correlationId: context.correlationId,
  });
  return failedBy(failure);
}

async function backOff(
  deps: AttemptDeps,
  stored: StoredPointer | undefined,
  error: DependencyError,
  context: OperationContext,
): Promise<AttemptOutcome> {
  const before = stored?.pointer ?? emptyPointer;
  const failure = await failureAfter(deps, before, error, context);
  const blob = await keepEvidence(deps, error, context);
  await swap(deps, stored, { ...before, failure }, context);
  context.log(blob === undefined ? 'refresh.failed' : 'refresh.quarantined', {
    code: error.code,
    blob,
    count: failure.count,
    backOffMs: failure.notBefore - failure.at,
    cure: error.explanation.cure,
    correlationId: context.correlationId,
    ...error.details,
  });
  return failedBy(failure);
}

function failedBy(failure: RefreshFailure): AttemptOutcome {
  return { kind: 'failed', code: failure.code, retryAfterMs: failure.notBefore - failure.at };
}

async function swap(
  deps: AttemptDeps,
  stored: StoredPointer | undefined,
  pointer: SnapshotPointer,
  context: OperationContext,
): Promise<void> {
  const written = await deps.store.writePointer(pointer, stored?.etag, context);
  if (written !== 'conflict') return;
  throw new DependencyError('StorageUnavailable', 'another process wrote the pointer', {
    details: { reason: 'conflict' },
  });
}

async function failureAfter(
  deps: AttemptDeps,
  before: SnapshotPointer,
  error: DependencyError,
  context: OperationContext,
): Promise<RefreshFailure> {
  const at = deps.clock();
  const count = (before.failure?.count ?? 0) + 1;
  const needsNewToken = error.code === 'UpstreamAuthRequired';
  // Without a version the ordinary back-off applies, so a vault that is down as well locks nothing for good.
  const token = needsNewToken ? await deps.tokens.current(context).catch(() => undefined) : undefined;
  return {
    code: error.code,
    count,
    at,
    notBefore: at + failureBackoffMs(count, error.retryAfterMs, deps.random),
    refreshTokenVersion: token?.version ?? null,
    upstreamCode: error.explanation.upstreamCode ?? null,
    cure: error.explanation.cure,
    detail: describeExplanation(error.explanation),
  };
}

/** Keeps the refused bytes for the operator; that they cannot be kept changes nothing else. */
async function keepEvidence(
  deps: AttemptDeps,
  error: DependencyError,
  context: OperationContext,
): Promise<string | undefined> {
  if (error.evidence === undefined) return undefined;
  const blob = blobNames.quarantine(deps.clock(), error.code);
  try {
    await deps.store.writeLines(blob, Buffer.from(error.evidence), context);
    return blob;
  } catch {
    return undefined;
  }
}
