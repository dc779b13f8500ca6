import { dayMs } from '../days.ts';
import type { Refusal, SnapshotInfo } from './pointer.ts';
import { getRowKey } from './snapshot.ts';
import type { UsageSnapshot } from './snapshot.ts';

/** A refused list may be right after all, when it comes back like this much later. */
const confirmationMs = 45 * 60_000;
/** A partner rarely loses every customer at once; an upstream that answers with nothing is more likely. */
const emptyConfirmationMs = dayMs;
/** Share of rows that may differ between two lists that say the same. */
const changeShare = 0.05;
/** Share of odd records up to which a list is used, though one is always allowed. */
const oddShare = 0.02;

/** What a list is compared with: the figures of one that was accepted without doubt. */
type TrustedFigures = Pick<SnapshotInfo, 'recordCount' | 'hasCost'>;

/** Why a list must not replace the last good one; `undefined` when it may. */
export function findRefusalRule(
  next: UsageSnapshot,
  trusted: TrustedFigures | null,
  now: number,
): Refusal['rule'] | undefined {
  if (trusted === null) return undefined;
  if (next.count * 2 < trusted.recordCount) return 'too-few-records';
  if (trusted.hasCost && !hasCost(next) && isAfterNoonOfDayTwo(now)) return 'all-costs-zero';
  return undefined;
}

/** Whether any row has a cost other than zero. */
export function hasCost(snapshot: UsageSnapshot): boolean {
  return snapshot.totalCost.some((cost) => Math.abs(cost) > 0);
}

/** Whether more records are odd than chance explains: then it is not the records, but the list or its schema. */
export function hasTooManyOddRecords({ count, oddMembers }: UsageSnapshot): boolean {
  return oddMembers.size > Math.max(1, count * oddShare);
}

/** Whether a refused list has said the same for long enough to be believed: a partner may really have lost customers. */
export function isConfirmed(next: UsageSnapshot, refusedAt: number, now: number): boolean {
  return now - refusedAt >= (next.count === 0 ? emptyConfirmationMs : confirmationMs);
}

/** Whether two lists have the same rows but for a few in either direction. */
export function hasSameRows(one: UsageSnapshot, other: UsageSnapshot): boolean {
  return differsLittle(one, other, () => false);
}

/** The same, and costs that fit: none is zero in one list alone or more than twice the other. */
export function saysTheSame(one: UsageSnapshot, other: UsageSnapshot): boolean {
  return differsLittle(one, other, (row, otherRow) => {
    const [cost, otherCost] = [Number(one.totalCost[row]), Number(other.totalCost[otherRow])];
    return cost !== otherCost && !(cost / otherCost >= 0.5 && cost / otherCost <= 2);
  });
}

type RowDifference = (row: number, otherRow: number) => boolean;

function differsLittle(one: UsageSnapshot, other: UsageSnapshot, differs: RowDifference): boolean {
  const others = new Map(other.customerIds.map((_, row) => [getRowKey(other, row), row]));
  const rows = new Map(one.customerIds.map((_, row) => [getRowKey(one, row), row]));
  const found = [...rows].flatMap(([key, row]) => {
    const otherRow = others.get(key);
    return otherRow === undefined ? [] : [{ row, otherRow }];
  });
  const changed = found.filter(({ row, otherRow }) => differs(row, otherRow)).length;
  const differences = rows.size - found.length + (others.size - found.length) + changed;
  return differences <= Math.max(rows.size, others.size) * changeShare;
}

/** Early in a month a list of zeros is what a new month looks like. */
function isAfterNoonOfDayTwo(now: number): boolean {
  const date = new Date(now);
  const day = date.getUTCDate();
  return day > 2 || (day === 2 && date.getUTCHours() >= 12);
}
