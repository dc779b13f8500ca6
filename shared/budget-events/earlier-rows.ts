import { createNearbyRowFinder } from '../snapshot/nearby-row-finder.ts';
import { getRowKey } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import type { ChunkedWork } from '../turns.ts';
import type { Comparison } from './crossings.ts';
import { createRowReader, unknownRow, withParts } from './known-rows.ts';
import type { KnownRow } from './known-rows.ts';

/** What is known of the rows of earlier lists. Rows of the new list are given by their number. */
export type EarlierRows = {
  /** The known row of the same customer and kind, which is marked as found; `undefined` if there is none. */
  find(row: number): KnownRow | undefined;
  /** The known rows that `find` has not found. */
  listMissing(): Iterable<{ readonly key: string; readonly row: KnownRow }>;
};

/** Filling this many entries takes a few milliseconds. */
const rowsPerTurn = 10_000;

/** All rows known in the month of `next`. */
export function* collectEarlierRows(
  comparison: Comparison & { readonly last: UsageSnapshot },
): ChunkedWork<EarlierRows> {
  const { next, last, period, lastPeriod } = comparison;
  const stored = collectStoredParts(comparison);
  const readRow = createRowReader(last);
  const firstRows = markFirstRows(last, period > lastPeriod ? period : lastPeriod);
  const places = yield* matchRows(next, last, firstRows);
  const getSubject = createSubjectNumbers(next);
  const isFound = new Uint8Array(last.count);
  const foundKeys = new Set<string>();

  function read(place: number, parts: Partial<KnownRow> | undefined): KnownRow {
    const row = place < 0 ? unknownRow : readRow(place);
    return parts === undefined ? row : withParts(row, parts);
  }

  return {
    find(row) {
      const place = Number(places[getSubject(row)]);
      const key = stored.size > 0 ? getRowKey(next, row) : '';
      const parts = stored.get(key);
      if (place >= 0) isFound[place] = 1;
      if (parts !== undefined) foundKeys.add(key);
      return place < 0 && parts === undefined ? undefined : read(place, parts);
    },
    *listMissing() {
      for (let place = 0; place < last.count; place += 1) {
        if (firstRows[place] === 0 || isFound[place] === 1) continue;
        const key = getRowKey(last, place);
        yield { key, row: read(place, stored.get(key)) };
        foundKeys.add(key);
      }
      for (const [key, parts] of stored) if (!foundKeys.has(key)) yield { key, row: read(-1, parts) };
    },
  };
}

/** What is known besides the last list, without Azure plan rows of an older month. */
function collectStoredParts({ known, period, lastPeriod }: Comparison): ReadonlyMap<string, Partial<KnownRow>> {
  return period > lastPeriod ? new Map([...known].filter(([key]) => key.endsWith('/legacy'))) : known;
}

/** Marks the first comparable row of each customer and kind: Partner Center may list a row twice by mistake. */
function markFirstRows(last: UsageSnapshot, period: string): Uint8Array {
  const { count } = last;
  const { isComparable } = createRowFilters(last, period);
  const getSubject = createSubjectNumbers(last);
  const seen = new Uint8Array(2 * count);
  const marks = new Uint8Array(count);
  for (let row = 0; row < count; row += 1) {
    if (!isComparable(row)) continue;
    const subject = getSubject(row);
    marks[row] = 1 - Number(seen[subject]);
    seen[subject] = 1;
  }
  return marks;
}

/** Numbers the customer and kind of comparable rows, below twice the number of rows. */
export function createSubjectNumbers({ customerNumbers, isUpgraded }: UsageSnapshot): (row: number) => number {
  return (row) => 2 * Number(customerNumbers[row]) + Number(isUpgraded[row]);
}

/**
 * The place of each customer and kind of `next` among the first rows of the last list, by its number; -1 for a new one. Most rows are
 * in the same place as before; a search by key for all of 100 000 rows takes ten times longer.
 */
function* matchRows(next: UsageSnapshot, last: UsageSnapshot, firstRows: Uint8Array): ChunkedWork<Int32Array> {
  const { customerIds, isUpgraded, count } = next;
  const { customerIds: lastIds, isUpgraded: wasUpgraded } = last;
  const isMatched = new Uint8Array(last.count);
  const getSubject = createSubjectNumbers(next);
  const places = new Int32Array(2 * count).fill(-1);
  const findEarlier = createNearbyRowFinder(
    last.count,
    (row, place) =>
      firstRows[place] === 1 && wasUpgraded[place] === isUpgraded[row] && lastIds[place] === customerIds[row],
  );
  for (let row = 0; row < count; row += 1) {
    if (row % rowsPerTurn === 0) yield;
    const place = findEarlier(row);
    if (place < 0) continue;
    places[getSubject(row)] = place;
    isMatched[place] = 1;
  }
  const movedRows = new Map<string, number>();
  for (let place = 0; place < last.count; place += 1) {
    if (place % rowsPerTurn === 0) yield;
    if (firstRows[place] === 1 && isMatched[place] === 0) movedRows.set(getRowKey(last, place), place);
  }
  for (let row = 0; row < count && movedRows.size > 0; row += 1) {
    if (row % rowsPerTurn === 0) yield;
    const place = movedRows.get(getRowKey(next, row));
    if (place !== undefined) places[getSubject(row)] = place;
  }
  return places;
}

/** A row is comparable when it belongs to an Azure plan and this UTC month, or to a legacy subscription of any period. */
export function createRowFilters({ lastModified, isUpgraded }: UsageSnapshot, period: string) {
  const startsAt = Date.parse(`${period}-01T00:00:00Z`);
  const isFromPeriod = (row: number) => Number(lastModified[row]) >= startsAt;
  const isComparable = (row: number) => isUpgraded[row] === 0 || (isUpgraded[row] === 1 && isFromPeriod(row));
  return { isFromPeriod, isComparable };
}
