import type { OperationContext } from '../context.ts';
import type { Clock, Sleep } from '../clock.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import { createPromiseCache, waitAtMost } from '../once.ts';
import { emptyPointer } from '../snapshot/pointer.ts';
import type { SnapshotInfo, SnapshotPointer } from '../snapshot/pointer.ts';
import type { StoredSnapshot } from '../snapshot/snapshot.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import type { SnapshotLoader } from '../stored-data/load-blobs.ts';
import type { SnapshotStore } from '../ports.ts';
import { readStoredPointer } from '../stored-data/stored-pointer.ts';
import type { KnownPointer } from '../stored-data/stored-pointer.ts';

/** Until this age the held pointer counts as current. */
const recheckAfterMs = 30_000;
/** After this time the pointer is read again before answering: an idle instance must not serve hours-old memory. */
const distrustAfterMs = 5 * 60_000;
const patienceMs = 1000;
const checkDeadlineMs = 10_000;

/** What this process knows: the pointer as last read, and the newest snapshot it could load, which may have expired. */
export type Held = {
  readonly pointer: SnapshotPointer;
  readonly loaded: { readonly info: SnapshotInfo; readonly snapshot: StoredSnapshot } | undefined;
  /** The pointer names a blob that is missing or damaged. */
  readonly isBlobUnreadable: boolean;
};

export type PointerWatchDeps = {
  readonly store: SnapshotStore;
  readonly loadSnapshot: Pick<SnapshotLoader, 'open' | 'isDamaged'>;
  readonly clock: Clock;
  readonly sleep: Sleep;
};

/** Keeps the process's view of the pointer and its snapshot, with one check in flight at a time. */
export function createPointerWatch({ store, loadSnapshot, clock, sleep }: PointerWatchDeps) {
  const nothing: Held = { pointer: emptyPointer, loaded: undefined, isBlobUnreadable: false };
  let held = nothing;
  let known: KnownPointer | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  const checks = createPromiseCache<void>('while-pending');

  /** What is held at this moment. A scan may have found damage since it was loaded: then it counts as unreadable. */
  function getHeld(): Held {
    if (held.loaded !== undefined && loadSnapshot.isDamaged(held.loaded.info)) {
      known = undefined;
      held = { ...held, loaded: undefined, isBlobUnreadable: true };
    }
    return held;
  }

  function check(context: OperationContext): Promise<void> {
    return checks.get() ?? checks.set(readAgain({ ...context, signal: AbortSignal.timeout(checkDeadlineMs) }));
  }

  async function readAgain(context: OperationContext): Promise<void> {
    const askedAt = clock();
    try {
      const stored = await readStoredPointer(store, context, known);
      if (stored === known) return;
      const { pointer } = stored;
      const loaded = await loadNamed(pointer, context);
      // An unreadable blob may be readable at the next check, so only a complete read is remembered.
      const isBlobUnreadable = pointer.snapshot !== null && loaded === undefined;
      known = isBlobUnreadable ? undefined : stored;
      held = { pointer, loaded: loaded ?? held.loaded, isBlobUnreadable };
    } finally {
      // A slow answer may be older than it seems.
      checkedAt = askedAt;
    }
  }

  async function loadNamed(pointer: SnapshotPointer, context: OperationContext): Promise<Held['loaded']> {
    if (pointer.snapshot === null) return undefined;
    const snapshot = await catchUnreadable(loadSnapshot.open(pointer.snapshot, context));
    if (!(snapshot instanceof UnreadableBlobError)) return { info: pointer.snapshot, snapshot };
    logCheckFailed(snapshot, context);
    return undefined;
  }

  async function checkQuietly(context: OperationContext): Promise<void> {
    const isJoined = checks.get() !== undefined;
    try {
      await check(context);
    } catch (error) {
      if (!isJoined) logCheckFailed(error, context);
    }
  }

  /** A check that begins now or later: one that is under way may have read the pointer before the caller's refresh. */
  async function checkAfresh(context: OperationContext): Promise<void> {
    await checks.get()?.catch(() => undefined);
    await checkQuietly(context);
  }

  /**
   * Checks what is held when it is old. Nearly always there is nothing to wait for, and then nothing is returned.
   * Rejects with storage's DependencyError only when nothing is held.
   */
  function checkWhenOld(context: OperationContext): Promise<void> | undefined {
    if (getHeld().loaded === undefined) return check(context);
    const sinceCheckMs = Math.abs(clock() - checkedAt);
    if (sinceCheckMs > distrustAfterMs) return waitAtMost(patienceMs, sleep, () => checkQuietly(context));
    if (sinceCheckMs > recheckAfterMs) void checkQuietly(context);
    return undefined;
  }

  async function current(context: OperationContext): Promise<Held> {
    await checkWhenOld(context);
    return getHeld();
  }

  return {
    /** What is held at this moment, without asking storage. */
    held: getHeld,
    checkWhenOld,
    /** What is held, checked when it is old. Rejects as `checkWhenOld` does. */
    current,
    /** Reads the pointer again and waits for it at most a second; keeps what is held when storage fails. */
    revalidate: (context: OperationContext) => waitAtMost(patienceMs, sleep, () => checkAfresh(context)),
  };
}

function logCheckFailed(error: unknown, { log }: OperationContext): void {
  const { code, details } =
    error instanceof DependencyError ? error : new DependencyError('StorageUnavailable', 'check failed');
  log('pointer.check-failed', { code, ...details });
}
