import type { OperationContext } from '../context.ts';
import type { Sleep } from '../clock.ts';
import type { FailureCode } from '../errors.ts';
import type { SnapshotInfo, SnapshotPointer } from '../snapshot/pointer.ts';
import { waitAtMost } from '../once.ts';
import type { SnapshotStore } from '../ports.ts';
import type { Refresh } from './refresh.ts';
import type { Skipped } from './schedule.ts';
import { readStoredPointer } from '../stored-data/stored-pointer.ts';

/** How long a caller waits for the outcome: a flow's action gives up at 120 s. */
const longestWaitMs = 100_000;
/** How often to check whether another process has finished. */
const pollMs = 1000;

type OnDemandOutcome =
  | { readonly kind: 'published' | 'unchanged'; readonly info: SnapshotInfo }
  /** `code` is unknown when a newer version of this service keeps the pointer; without `retryAfterMs` waiting does not help. */
  | { readonly kind: 'failed'; readonly code: FailureCode | undefined; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'too-soon'; readonly retryAfterMs: number }
  | { readonly kind: 'running' };

/**
 * A refresh that a caller wants now: joins the one under way, in this process or another, or starts one, and waits for its outcome.
 * Throws DependencyError `StorageUnavailable`.
 */
export type RefreshOnDemand = (context: OperationContext) => Promise<OnDemandOutcome>;

export type RefreshOnDemandDeps = {
  readonly refresh: Refresh;
  readonly store: SnapshotStore;
  readonly sleep: Sleep;
};

/** Creates the function; a refresh on demand follows the same protocol as any other. */
export function createRefreshOnDemand(deps: RefreshOnDemandDeps): RefreshOnDemand {
  return async function refreshOnDemand(context) {
    const before = (await readStoredPointer(deps.store, context)).pointer;
    const outcome = await waitAtMost(longestWaitMs, deps.sleep, (ended) =>
      waitForOutcome(deps, before, context, ended),
    );
    return outcome ?? { kind: 'running' };
  };
}

async function waitForOutcome(
  { refresh, store, sleep }: RefreshOnDemandDeps,
  before: SnapshotPointer,
  context: OperationContext,
  ended: AbortSignal,
): Promise<OnDemandOutcome> {
  for (;;) {
    const outcome = await refresh('caller', context);
    switch (outcome.kind) {
      case 'published':
      case 'unchanged':
        return { kind: outcome.kind, info: outcome.info };
      case 'failed':
        return createFailed(outcome.code, outcome.retryAfterMs);
      case 'skipped':
        // `not-due` answers a timer's check that this call joined; the next check is its own.
        if (outcome.why === 'not-due') continue;
        if (outcome.why !== 'lease-held') {
          return explainSkip(outcome, before, (await readStoredPointer(store, context)).pointer);
        }
        await sleep(pollMs, ended);
    }
  }
}

/** The outcome when nothing was started because of what another process did: its result if it is new, else why not. */
function explainSkip(
  { why, retryAfterMs }: Skipped,
  before: SnapshotPointer,
  { snapshot, failure }: SnapshotPointer,
): OnDemandOutcome {
  if (why === 'newer-pointer') return { kind: 'failed', code: undefined, retryAfterMs };
  if (why !== 'recent' || snapshot === null) return createFailed(failure?.code, retryAfterMs);
  if (snapshot.fetchedAt === before.snapshot?.fetchedAt) return { kind: 'too-soon', retryAfterMs };
  const isEqual = snapshot.contentHash === before.snapshot?.contentHash;
  return { kind: isEqual ? 'unchanged' : 'published', info: snapshot };
}

/** Without a time to retry after a refused refresh token: waiting does not help, because somebody must consent again. */
function createFailed(code: FailureCode | undefined, retryAfterMs: number): OnDemandOutcome {
  return { kind: 'failed', code, retryAfterMs: code === 'UpstreamAuthRequired' ? undefined : retryAfterMs };
}
