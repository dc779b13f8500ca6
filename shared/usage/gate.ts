import type { Refusal, SnapshotInfo } from './pointer.ts';
import { rowKeysOf } from './snapshot.ts';
import type { UsageSnapshot } from './snapshot.ts';

/** A refused list may be right after all, when it comes back like this much later. */
const confirmationMs = 45 * 60_000;

/** Why a list must not replace the last good one; `undefined` when it may. */
export function refusalRuleOf(
  next: UsageSnapshot,
  lastGood: Pick<SnapshotInfo, 'recordCount' | 'hasCost'> | null,
  now: number,
): Refusal['rule'] | undefined {
  if (lastGood === null) return undefined;
  if (next.count * 2 < lastGood.recordCount) return 'too-few-records';
  if (lastGood.hasCost && !hasCost(next) && isAfterNoonOfDayTwo(now)) return 'all-costs-zero';
  return undefined;
}

/** Whether any row has a cost other than zero. */
export function hasCost(snapshot: UsageSnapshot): boolean {
  return snapshot.totalCost.some((cost) => cost !== 0);
}

/** Whether `next` says the same as the list refused `first`, late enough to be believed: a partner may really have lost customers. */
export function confirmsRefusal(next: UsageSnapshot, first: UsageSnapshot, refusedAt: number, now: number): boolean {
  return now - refusedAt >= confirmationMs && holdsEveryRowOf(next, first);
}

/** Whether every row key (customer and kind) of `other` is in `snapshot`. */
export function holdsEveryRowOf(snapshot: UsageSnapshot, other: UsageSnapshot): boolean {
  const keys = rowKeysOf(snapshot);
  return [...rowKeysOf(other)].every((key) => keys.has(key));
}

/** Early in a month a list of zeros is what a new month looks like. */
function isAfterNoonOfDayTwo(now: number): boolean {
  const date = new Date(now);
  const day = date.getUTCDate();
  return day > 2 || (day === 2 && date.getUTCHours() >= 12);
}
