import type { OperationContext } from '../context.ts';
import { DependencyError } from '../errors.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import { parseSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { hashContent } from './content-hash.ts';
import { keepLatest } from './keep-latest.ts';
import type { SnapshotStore } from './ports.ts';

/** The snapshot that `info` names. Throws a DependencyError `StorageUnavailable` when it is missing, damaged or out of reach. */
export type LoadSnapshot = (info: SnapshotInfo, context: OperationContext) => Promise<UsageSnapshot>;

/** A loader that keeps the last snapshot it read, and reads each one once however many ask. */
export function createSnapshotLoader(store: SnapshotStore): LoadSnapshot {
  return keepLatest(
    ({ blob }) => blob,
    async (info, context) => {
      const lines = await store.readLines(info.blob, context);
      if (hashContent(lines) !== info.contentHash) {
        throw new DependencyError('StorageUnavailable', 'the snapshot blob is not what the pointer says', {
          details: { blob: info.blob, reason: 'corrupt' },
        });
      }
      return parseSnapshot(lines);
    },
  );
}

/** Whether a blob is lost or damaged, as opposed to storage being out of reach: only then is writing it anew any use. */
export function isUnreadableBlob(error: unknown): error is DependencyError {
  return error instanceof DependencyError && ['missing', 'corrupt'].includes(String(error.details['reason']));
}
