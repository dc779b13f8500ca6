import type { Call } from '../call.ts';
import { DependencyError } from '../errors.ts';
import type { SnapshotInfo } from '../usage/pointer.ts';
import { parseSnapshot } from '../usage/snapshot.ts';
import type { UsageSnapshot } from '../usage/snapshot.ts';
import { contentHashOf } from './content-hash.ts';
import type { SnapshotStore } from './ports.ts';

/** A load is shared, so it has a deadline of its own. */
const deadlineMs = 60_000;

/** The snapshot that `info` names. Throws a DependencyError `StorageUnavailable` when it is missing, damaged or out of reach. */
export type LoadSnapshot = (info: SnapshotInfo, call: Call) => Promise<UsageSnapshot>;

/** A loader that keeps the last snapshot it read, and reads each one once however many ask. */
export function createSnapshotLoader(store: SnapshotStore): LoadSnapshot {
  let latest: { readonly blob: string; readonly snapshot: Promise<UsageSnapshot> } | undefined;

  return function loadSnapshot(info, call) {
    if (latest?.blob === info.blob) return latest.snapshot;
    const snapshot = read(store, info, { ...call, signal: AbortSignal.timeout(deadlineMs) });
    const entry = { blob: info.blob, snapshot };
    latest = entry;
    snapshot.catch(() => {
      if (latest === entry) latest = undefined;
    });
    return snapshot;
  };
}

async function read(store: SnapshotStore, info: SnapshotInfo, call: Call): Promise<UsageSnapshot> {
  const lines = await store.readLines(info.blob, call);
  if (contentHashOf(lines) !== info.contentHash) {
    throw new DependencyError('StorageUnavailable', 'the snapshot blob is not what the pointer says', {
      details: { blob: info.blob, reason: 'corrupt' },
    });
  }
  return parseSnapshot(lines);
}

/** Whether a blob is lost or damaged, as opposed to storage being out of reach: only then is writing it anew any use. */
export function isUnreadableBlob(error: unknown): error is DependencyError {
  return error instanceof DependencyError && ['missing', 'corrupt'].includes(String(error.details['reason']));
}
