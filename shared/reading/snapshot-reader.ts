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

/** How long a request waits for a refresh when there is no usable snapshot. */
const longestWaitMs = 60_000;
/** How often to check whether another process has finished its refresh. */
const pollMs = 500;

/** The last good snapshot, with its current state. The same object as long as nothing in it changes. */
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
   * The last good snapshot. While a usable one is in memory, it is returned at once and no refresh starts. Throws RefusedError
   * `CacheEmpty` or `SnapshotExpired`, or DependencyError `StorageUnavailable` when nothing is in memory and storage fails.
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
  /** The pointer and the snapshot in memory. Reads the pointer again first if the last check is old. Never refreshes. */
  getHeld(context: OperationContext): Promise<Held>;
};

export type SnapshotReaderDeps = PointerWatchDeps & { readonly refresh: Refresh; readonly limits: FreshnessLimits };

/** Creates the reader that all requests of this process share. */
export function createSnapshotReader(deps: SnapshotReaderDeps): SnapshotReader {
  const watch = createPointerWatch(deps);
  const reportOnce = createDegradationReporter();
  /** What was last served for each snapshot. Answers are cached by this object, so it is served again. Weak, so no replaced list is held. */
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
    if (served === undefined) throw createUnavailableError(watch.held(), undefined);
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
      if (outcome === undefined || !isRunningElsewhere(outcome)) throw createUnavailableError(known, outcome);
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
function createDegradationReporter(): (served: ServedSnapshot, context: OperationContext) => void {
  let reported = '';
  return ({ state, reason, info }, context) => {
    const condition = state === 'fresh' && reason === undefined ? '' : `${state} ${reason}`;
    if (condition !== '' && condition !== reported) {
      context.log('read.degraded', { state, reason, fetchedAt: new Date(info.fetchedAt).toISOString() });
    }
    reported = condition;
  };
}

function isRunningElsewhere(outcome: RefreshOutcome): boolean {
  return outcome.kind === 'skipped' && outcome.why === 'lease-held';
}

function createUnavailableError(held: Held, outcome: RefreshOutcome | undefined): RefusedError {
  const kind = held.loaded === undefined ? 'CacheEmpty' : 'SnapshotExpired';
  const failed = outcome?.kind === 'failed' ? outcome.code : undefined;
  const unreadable = held.isBlobUnreadable ? 'StorageUnavailable' : undefined;
  const retryAfterMs = outcome === undefined || !('retryAfterMs' in outcome) ? pollMs : outcome.retryAfterMs;
  const reason = held.pointer.failure?.code ?? failed ?? unreadable;
  return new RefusedError({ kind, reason, retryAfterMs });
}
