import type { OperationContext } from '../context.ts';
import { dayMs, formatDay } from '../days.ts';
import { UnreadableBlobError } from '../errors.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import type { RefreshRun } from './refresh.ts';

/** Keeps an accepted list under `daily/` unless the last one of its day is equal: the newest copy of a day is that day's list. */
export async function keepDailyCopy(
  { deps, before, context }: RefreshRun,
  snapshot: UsageSnapshot,
  { contentHash, fetchedAt }: SnapshotInfo,
): Promise<void> {
  const last = before.pointer.snapshot;
  reportMissedDays(last?.fetchedAt ?? fetchedAt, fetchedAt, context);
  const isKept = last?.contentHash === contentHash && formatDay(last.fetchedAt) === formatDay(fetchedAt);
  if (!isKept) await deps.store.writeLines(blobNames.daily(fetchedAt, contentHash), snapshot.lines, context);
}

/** Reports UTC days between two accepted lists: what Partner Center listed on them is gone. */
function reportMissedDays(lastFetchedAt: number, fetchedAt: number, context: OperationContext): void {
  const days = Math.floor(fetchedAt / dayMs) - Math.floor(lastFetchedAt / dayMs) - 1;
  if (days > 0) context.log('history.day-not-kept', { date: formatDay(lastFetchedAt + dayMs), days });
}

/**
 * Keeps the last list of a month under `monthly/` when the first list of a later month replaces it. A list of the older month
 * that comes again is a correction: when the later month returns, it is kept as a further version.
 */
export async function closePeriod({ deps, before, context }: RefreshRun, next: SnapshotInfo): Promise<void> {
  const last = before.pointer.snapshot;
  if (last === null || last.period >= next.period) return;
  const { blob, period, fetchedAt, contentHash } = last;
  const closing = await catchUnreadable(deps.loadSnapshot(last, context));
  if (closing instanceof UnreadableBlobError) {
    // The last daily copy of the month takes its place.
    context.log('history.period-not-closed', { code: closing.code, blob, reason: closing.reason, period });
    return;
  }
  const closingBlob = blobNames.monthly(period, fetchedAt, contentHash);
  await deps.store.writeLines(closingBlob, closing.lines, context);
  context.log('history.period-closed', { period, blob: closingBlob, recordCount: closing.count });
}
