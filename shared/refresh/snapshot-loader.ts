import type { YieldToOthers } from '../clock.ts';
import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import { scanSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { hashContent } from './content-hash.ts';
import { keepLatest } from './keep-latest.ts';
import type { SnapshotStore } from './ports.ts';

/** The snapshot that `info` names. Throws a DependencyError `StorageUnavailable` when it is missing, damaged or out of reach. */
export type LoadSnapshot = (info: SnapshotInfo, context: OperationContext) => Promise<UsageSnapshot>;

/** A loader that keeps the last snapshot it read, and reads each one once however many ask. */
export function createSnapshotLoader(store: SnapshotStore, yieldToOthers: YieldToOthers): LoadSnapshot {
  return keepLatest(
    ({ blob }) => blob,
    async (info, context) => {
      const lines = await store.readLines(info.blob, context);
      if (hashContent(lines) !== info.contentHash) {
        throw new UnreadableBlobError('the snapshot blob is not what the pointer says', {
          reason: 'corrupt',
          details: { blob: info.blob },
        });
      }
      return runInTurns(scanSnapshot(lines), yieldToOthers);
    },
  );
}
