import type { OperationContext } from '../context.ts';
import { RefusedError } from '../errors.ts';
import type { FailureCode } from '../errors.ts';
import { waitFor } from '../once.ts';
import { getFreshness } from '../snapshot/freshness.ts';
import type { FreshnessLimits, FreshnessState } from '../snapshot/freshness.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import type { StoredSnapshot } from '../snapshot/snapshot.ts';
import { createPointerWatch } from './pointer-watch.ts';
import type { Held, PointerWatchDeps } from './pointer-watch.ts';
import type { Refresh, RefreshOutcome } from '../refresh/refresh.ts';

/** How long a reader that found nothing usable waits for a refresh. */
const longestWaitMs = 60_000;
/** How often to check whether another process has finished one. */
const pollMs = 500;

/** The last good snapshot, with its state now. The same object as long as all of it is the same. */
export type ServedSnapshot = {
  readonly snapshot: StoredSnapshot;
  readonly info: SnapshotInfo;
  readonly state: Exclude<FreshnessState, 'expired'>;
  /** Why the last refresh failed; `undefined` when it did not. */
  readonly reason: FailureCode | undefined;
};

/** Info, state and reason of the last good snapshot, which may be too old to serve. */
export type SnapshotStatus = Omit<ServedSnapshot, 'snapshot' | 'state'> & { readonly state: FreshnessState };

export type SnapshotReader = {
  /**
   * The last good snapshot. While a usable one is held it comes at once and no refresh starts.
   * Throws RefusedError `CacheEmpty` or `SnapshotExpired`, or on a cold start without storage DependencyError `StorageUnavailable`.
   */
  getOrRefresh(context: OperationContext): Promise<ServedSnapshot>;
  /** The same after reading the pointer again: before a cursor is refused as expired, this instance must be up to date. */
  getRevalidated(context: OperationContext): Promise<ServedSnapshot>;
  /** Reads the pointer again, for at most a second, so the next request sees a refresh that has just ended. */
  revalidate(context: OperationContext): Promise<void>;
  /** The same as `getOrRefresh`, but never refreshes: throws when there is nothing usable. */
  get(context: OperationContext): Promise<ServedSnapshot>;
  /** Info, state and reason of the snapshot in memory; does not ask storage. */
  getSnapshotStatus(): SnapshotStatus | undefined;
  /** The pointer and the snapshot that this process holds, checked when old. Never refreshes. */
  getHeld(context: OperationContext): Promise<Held>;
};

export type SnapshotReaderDeps = PointerWatchDeps & { readonly refresh: Refresh; readonly limits: FreshnessLimits };

/** Reads the snapshot for every request of this process. */
export function createSnapshotReader(deps: SnapshotReaderDeps): SnapshotReader {
  const watch = createPointerWatch(deps);
  const reportOnce = createDegradationReport();
  /** While nothing changes the same object is served, and what was computed for it stays valid. Holds no list that was replaced. */
  const usable = new WeakMap<SnapshotInfo, ServedSnapshot>();

  async function getOrRefresh(context: OperationContext): Promise<ServedSnapshot> {
    const checked = watch.checkWhenOld(context);
    if (checked !== undefined) await checked;
    const served = findUsable(watch.held()) ?? (await refreshAndRead(context));
    reportOnce(served, context);
    return served;
  }

  async function get(context: OperationContext): Promise<ServedSnapshot> {
    const checked = watch.checkWhenOld(context);
    if (checked !== undefined) await checked;
    const served = findUsable(watch.held());
    if (served === undefined) throw createUnavailable(watch.held(), undefined);
    reportOnce(served, context);
    return served;
  }

  async function getRevalidated(context: OperationContext): Promise<ServedSnapshot> {
    await watch.revalidate(context);
    return getOrRefresh(context);
  }

  async function refreshAndRead(context: OperationContext): Promise<ServedSnapshot> {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(longestWaitMs)]);
    for (;;) {
      const outcome = await waitFor(deps.refresh('reader', context), signal).catch(() => undefined);
      await watch.revalidate(context);
      const known = await watch.current(context);
      const served = findUsable(known);
      if (served !== undefined) return served;
      if (outcome === undefined || !isUnderWayElsewhere(outcome)) throw createUnavailable(known, outcome);
      await deps.sleep(pollMs, signal).catch(() => undefined);
    }
  }

  function getState({ info }: NonNullable<Held['loaded']>): FreshnessState {
    return getFreshness(info.fetchedAt, deps.clock(), deps.limits);
  }

  function findUsable({ pointer, loaded }: Held): ServedSnapshot | undefined {
    if (loaded === undefined) return undefined;
    const state = getState(loaded);
    if (state === 'expired') return undefined;
    const reason = pointer.failure?.code;
    const known = usable.get(loaded.info);
    if (known?.state === state && known.reason === reason) return known;
    const served = { ...loaded, state, reason };
    usable.set(loaded.info, served);
    return served;
  }

  function getSnapshotStatus(): SnapshotStatus | undefined {
    const { pointer, loaded } = watch.held();
    return loaded && { info: loaded.info, state: getState(loaded), reason: pointer.failure?.code };
  }

  return {
    getOrRefresh,
    getRevalidated,
    get,
    getSnapshotStatus,
    revalidate: (context) => watch.revalidate(context),
    getHeld: (context) => watch.current(context),
  };
}

/** Logs once per process that answers are degraded, instead of once per answer. */
function createDegradationReport(): (served: ServedSnapshot, context: OperationContext) => void {
  let reported = '';
  return ({ state, reason, info }, context) => {
    const condition = state === 'fresh' && reason === undefined ? '' : `${state} ${reason}`;
    if (condition !== '' && condition !== reported) {
      context.log('read.degraded', { state, reason, fetchedAt: new Date(info.fetchedAt).toISOString() });
    }
    reported = condition;
  };
}

function isUnderWayElsewhere(outcome: RefreshOutcome): boolean {
  return outcome.kind === 'skipped' && outcome.why === 'lease-held';
}

function createUnavailable(held: Held, outcome: RefreshOutcome | undefined): RefusedError {
  const kind = held.loaded === undefined ? 'CacheEmpty' : 'SnapshotExpired';
  const failed = outcome?.kind === 'failed' ? outcome.code : undefined;
  const unreadable = held.isBlobUnreadable ? 'StorageUnavailable' : undefined;
  const retryAfterMs = outcome === undefined || !('retryAfterMs' in outcome) ? pollMs : outcome.retryAfterMs;
  const reason = held.pointer.failure?.code ?? failed ?? unreadable;
  return new RefusedError({ kind, reason, retryAfterMs });
}
