import type { OperationContext } from '../context.ts';
import type { Clock } from '../clock.ts';
import { toDependencyError } from '../errors.ts';
import { getTokenAgeDays } from '../views/health.ts';
import { emptyPointer } from '../snapshot/pointer.ts';
import { createNamedListReader } from './accept-quarantined.ts';
import type { NamedListReader } from './accept-quarantined.ts';
import { acceptNamedList, attemptRefresh } from './attempt.ts';
import type { AttemptDeps, AttemptOutcome } from './attempt.ts';
import { checkDue } from './due.ts';
import type { RefreshTrigger, SkipReason } from './due.ts';
import type { RefreshLease, StoredPointer } from './ports.ts';
import { createRefusedTokenCheck } from './refused-token.ts';
import type { IsStillRefused } from './refused-token.ts';
import { readStoredPointer } from './stored-pointer.ts';

/** The whole of one refresh, lease to pointer swap; `functionTimeout` in host.json lies above it. */
const deadlineMs = 8 * 60_000;

type Skipped = { readonly kind: 'skipped'; readonly why: SkipReason; readonly retryAfterMs: number };
export type RefreshOutcome = AttemptOutcome | Skipped;

/** Refreshes the snapshot if that is due. Callers in one process share one run, which has its own deadline; never rejects. */
export type Refresh = (trigger: RefreshTrigger, context: OperationContext) => Promise<RefreshOutcome>;

export type RefreshDeps = AttemptDeps & {
  readonly lease: RefreshLease;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** The name of a refused list that the operator accepts. */
  readonly acceptedBlob?: string | undefined;
};

/** The refresh protocol (docs/architecture.md): due, lease, due again under the lease, attempt. */
export function createRefresh(deps: RefreshDeps): Refresh {
  const namedList = createNamedListReader(deps.store, deps.acceptedBlob);
  const isStillRefused = createRefusedTokenCheck(deps.tokens, deps.clock);
  const runDeps: RunDeps = { ...deps, namedList, isStillRefused };
  let underWay: Promise<RefreshOutcome> | undefined;

  return function refresh(trigger, context) {
    underWay ??= run(runDeps, trigger, { ...context, signal: AbortSignal.timeout(deadlineMs) }).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

type RunDeps = RefreshDeps & { readonly namedList: NamedListReader; readonly isStillRefused: IsStillRefused };

async function run(deps: RunDeps, trigger: RefreshTrigger, context: OperationContext): Promise<RefreshOutcome> {
  const startedAt = deps.clock();
  try {
    const stored = await readStored(deps, context);
    const skipped = deps.namedList.isPending() ? undefined : await findSkipReason(deps, stored, trigger, context);
    const outcome = skipped ?? (await lead(deps, trigger, context));
    logOutcome(outcome, trigger, startedAt, deps.clock(), context);
    return outcome;
  } catch (error) {
    // The pointer could not or must not be written: what failed stands in the log only, and the next tick tries again.
    const failure = toDependencyError(error, 'the refresh ended unexpectedly');
    const { code, retryAfterMs = 60_000, details } = failure;
    const { cure } = failure.explanation;
    context.log('refresh.failed', { trigger, code, cure, correlationId: context.correlationId, ...details });
    return { kind: 'failed', code, retryAfterMs };
  }
}

async function lead(deps: RunDeps, trigger: RefreshTrigger, context: OperationContext): Promise<RefreshOutcome> {
  const lease = await deps.lease.acquire(context);
  if (lease === undefined) return { kind: 'skipped', why: 'lease-held', retryAfterMs: 1000 };
  try {
    const held: OperationContext = { ...context, signal: AbortSignal.any([context.signal, lease.signal]) };
    // Whoever held the lease before may just have published.
    const stored = await readStored(deps, held);
    const named = await deps.namedList.read(stored, held);
    if (named !== undefined) return await acceptNamedList(deps, stored, named, held);
    return (await findSkipReason(deps, stored, trigger, held)) ?? (await attemptRefresh(deps, stored, held));
  } finally {
    await lease.release();
  }
}

async function readStored(deps: RefreshDeps, context: OperationContext): Promise<StoredPointer | undefined> {
  const stored = await readStoredPointer(deps.store, context);
  return stored === 'unchanged' ? undefined : stored;
}

async function findSkipReason(
  deps: RunDeps,
  stored: StoredPointer | undefined,
  trigger: RefreshTrigger,
  context: OperationContext,
): Promise<Skipped | undefined> {
  const dueness = checkDue(stored?.pointer ?? emptyPointer, trigger, deps.clock(), deps.intervalMs);
  if (!dueness.due) return { kind: 'skipped', why: dueness.why, retryAfterMs: dueness.retryAfterMs };
  if (dueness.ifTokenIsNot === undefined) return undefined;
  if (!(await deps.isStillRefused(dueness.ifTokenIsNot, trigger, context))) return undefined;
  return { kind: 'skipped', why: 'waiting-for-token', retryAfterMs: deps.intervalMs };
}

function logOutcome(
  outcome: RefreshOutcome,
  trigger: RefreshTrigger,
  startedAt: number,
  now: number,
  context: OperationContext,
): void {
  if (outcome.kind === 'skipped') {
    // Whoever went back to an older version of this service must learn why the data ages.
    context.log(outcome.why === 'newer-pointer' ? 'pointer.newer' : 'refresh.skipped', { trigger, why: outcome.why });
  }
  // A failed attempt has logged itself, with what only it knows.
  if (outcome.kind === 'skipped' || outcome.kind === 'failed') return;
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
