import type { OperationContext } from '../context.ts';
import type { Clock, Random, YieldToEventLoop } from '../clock.ts';
import type { JumpFloors } from '../budget-events/find-jumps.ts';
import type { RefreshFigures } from '../daily-figures/refresh-figures.ts';
import { toDependencyError } from '../errors.ts';
import { createPromiseCache } from '../once.ts';
import type { RefreshLease, RefreshTokenStatus, SnapshotStore, UsageSource } from '../ports.ts';
import { getTokenAgeDays } from '../snapshot/pointer.ts';
import type { LoadEventLog, SnapshotLoader } from '../stored-data/load-blobs.ts';
import { readStoredPointer } from '../stored-data/stored-pointer.ts';
import type { KnownPointer } from '../stored-data/stored-pointer.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { applyGate, createNamedListReader, checkOddRecords } from './apply-gate.ts';
import type { NamedList, NamedListReader } from './apply-gate.ts';
import { publish } from './publish.ts';
import type { Published } from './publish.ts';
import { recordFailure, recordRefusal } from './record-failure.ts';
import type { Failed } from './record-failure.ts';
import { createSkipCheck } from './schedule.ts';
import type { FindSkipReason, RefreshTrigger, Skipped } from './schedule.ts';

/** What every refresh of this process needs. */
export type RefreshDeps = {
  readonly store: SnapshotStore;
  readonly lease: RefreshLease;
  readonly source: UsageSource;
  readonly tokens: RefreshTokenStatus;
  readonly loadSnapshot: SnapshotLoader;
  readonly loadEventLog: LoadEventLog;
  readonly dailyFigures: RefreshFigures;
  /** The thresholds of budget events, in percent, ascending. */
  readonly thresholds: readonly number[];
  readonly budgetLimits: BudgetLimits;
  readonly jumpFloors: JumpFloors;
  readonly clock: Clock;
  readonly random: Random;
  readonly yieldToEventLoop: YieldToEventLoop;
  readonly intervalMs: number;
  /** The name of a refused list that the operator accepts. */
  readonly acceptedBlob?: string | undefined;
};

/** One refresh under the lease, and the pointer that it replaces. */
export type RefreshRun = {
  readonly deps: RefreshDeps;
  readonly before: KnownPointer;
  readonly context: OperationContext;
};

export type RefreshOutcome = Published | Failed | Skipped;

/** Time limit of one refresh; stays below `functionTimeout` in host.json. */
const deadlineMs = 8 * 60_000;

/** Refreshes the snapshot if that is due. Callers in one process share one run, which has its own deadline; never rejects. */
export type Refresh = (trigger: RefreshTrigger, context: OperationContext) => Promise<RefreshOutcome>;

/** The refresh protocol (docs/architecture.md): checks whether a refresh is due, takes the lease, checks again, then attempts it. */
export function createRefresh(deps: RefreshDeps): Refresh {
  const parts: RefreshParts = {
    deps,
    namedListReader: createNamedListReader(deps.store, deps.acceptedBlob),
    findSkipReason: createSkipCheck(deps),
  };
  const runs = createPromiseCache<RefreshOutcome>('while-pending');

  return function refresh(trigger, context) {
    return runs.get() ?? runs.set(runRefresh(parts, trigger, context));
  };
}

type RefreshParts = {
  readonly deps: RefreshDeps;
  readonly namedListReader: NamedListReader;
  readonly findSkipReason: FindSkipReason;
};

async function runRefresh(
  parts: RefreshParts,
  trigger: RefreshTrigger,
  caller: OperationContext,
): Promise<RefreshOutcome> {
  const { deps, namedListReader, findSkipReason } = parts;
  const context: OperationContext = { ...caller, signal: AbortSignal.timeout(deadlineMs) };
  const startedAt = deps.clock();
  try {
    const { pointer } = await readStoredPointer(deps.store, context);
    const skipped = namedListReader.isPending() ? undefined : await findSkipReason(pointer, trigger, context);
    const outcome = skipped ?? (await refreshUnderLease(parts, trigger, context));
    logOutcome(outcome, { trigger, startedAt, now: deps.clock() }, context);
    return outcome;
  } catch (error) {
    // No pointer was written, so the failure is only logged. The next run of the timer tries again.
    const failure = toDependencyError(error, 'the refresh ended unexpectedly');
    const { code, retryAfterMs = 60_000, details } = failure;
    const { cure } = failure.explanation;
    context.log('refresh.failed', { trigger, code, cure, correlationId: context.correlationId, ...details });
    return { kind: 'failed', code, retryAfterMs };
  }
}

async function refreshUnderLease(
  { deps, namedListReader, findSkipReason }: RefreshParts,
  trigger: RefreshTrigger,
  caller: OperationContext,
): Promise<RefreshOutcome> {
  const lease = await deps.lease.acquire(caller);
  if (lease === undefined) return { kind: 'skipped', why: 'lease-held', retryAfterMs: 1000 };
  try {
    const context: OperationContext = { ...caller, signal: AbortSignal.any([caller.signal, lease.signal]) };
    // The previous holder of the lease may just have published.
    const before = await readStoredPointer(deps.store, context);
    const run: RefreshRun = { deps, before, context };
    const named = await namedListReader.read(before.pointer, context);
    if (named !== undefined) return await acceptNamedList(run, named);
    return (await findSkipReason(before.pointer, trigger, context)) ?? (await attemptRefresh(run));
  } finally {
    await lease.release();
  }
}

/** Publishes a refused list that the operator accepts. Throws a DependencyError, and then nothing has changed. */
async function acceptNamedList(run: RefreshRun, { download, fetchedAt }: NamedList): Promise<Published> {
  const outcome = await publish(run, { download, gate: 'accepted', fetchedAt });
  const { log, correlationId } = run.context;
  log('quarantine.accepted', { recordCount: download.snapshot.count, correlationId });
  return outcome;
}

/**
 * One attempt by the holder of the lease: download, check, publish; when any of it fails, record the failure and its back-off.
 * Throws a DependencyError only when the pointer cannot or must not be written: storage down, lease lost, deadline over.
 */
async function attemptRefresh(run: RefreshRun): Promise<Published | Failed> {
  const { deps, context } = run;
  try {
    const download = await deps.source.download(context, run.before.pointer.snapshot?.recordCount);
    const { snapshot } = download;
    checkOddRecords(snapshot, context);
    const fetchedAt = deps.clock();
    const verdict = await applyGate(run, snapshot, fetchedAt);
    if (verdict.gate === 'refused') return await recordRefusal(run, verdict.refusal, snapshot.count);
    return await publish(run, { download, gate: verdict.gate, fetchedAt });
  } catch (error) {
    const failure = toDependencyError(error, 'the refresh ended unexpectedly');
    // Without the lease, or past the deadline, another process may be at work: this one must not write any more.
    if (context.signal.aborted) throw failure;
    return await recordFailure(run, failure);
  }
}

type Timing = { readonly trigger: RefreshTrigger; readonly startedAt: number; readonly now: number };

/** Logs a published or skipped refresh; a failure is logged where it is recorded. */
function logOutcome(outcome: RefreshOutcome, { trigger, startedAt, now }: Timing, context: OperationContext): void {
  if (outcome.kind === 'failed') return;
  if (outcome.kind === 'skipped') {
    // After a rollback the operator must learn why the data is no longer refreshed.
    const event = outcome.why === 'newer-pointer' ? 'pointer.newer' : 'refresh.skipped';
    context.log(event, { trigger, why: outcome.why });
    return;
  }
  const { info, pointer } = outcome;
  context.log(`refresh.${outcome.kind}`, {
    trigger,
    durationMs: now - startedAt,
    period: info.period,
    fetchedAt: new Date(info.fetchedAt).toISOString(),
    recordCount: info.recordCount,
    upgradedCount: info.upgradedCount,
    upstreamTotalCount: info.upstreamTotalCount,
    upstreamRequestId: info.upstreamRequestId,
    correlationId: context.correlationId,
    gate: info.gate,
    refreshTokenAgeDays: getTokenAgeDays(pointer, now),
  });
}
