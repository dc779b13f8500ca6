import { textAt } from '../snapshot/columns.ts';
import { createNearbyRowFinder } from '../snapshot/nearby-row-finder.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import type { ChunkedWork } from '../turns.ts';
import type { Comparison } from './crossings.ts';
import { createRowReader, unknownRow, withParts } from './known-rows.ts';
import type { KnownRow } from './known-rows.ts';

const kinds = ['legacy', 'azure-plan'] as const;
type Kind = (typeof kinds)[number];

/** What is known of the rows of earlier lists. Rows of the new list are given by their number. */
export type EarlierRows = {
  /** The known row of the same customer and kind, which is marked as found; `undefined` if there is none. */
  find(row: number): KnownRow | undefined;
  /**
   * The row's position in the last list, where it is marked as found; -1 if the list lacks it, or if stored figures add to it. Use `find`
   * then.
   */
  findInLast(row: number): number;
  /** The known rows that neither `find` nor `findInLast` has found. */
  listMissing(): Iterable<{ readonly key: string; readonly row: KnownRow }>;
};

/** Filling this many entries takes a few milliseconds. */
const rowsPerTurn = 10_000;

/** All rows known in the month of `next`. */
export function* collectEarlierRows(comparison: Comparison): ChunkedWork<EarlierRows> {
  const { next, last, period, lastPeriod } = comparison;
  const parts = collectStoredRows(comparison);
  const readRow = last === undefined ? () => unknownRow : createRowReader(last);
  const firstRows = last === undefined ? new Uint8Array() : markFirstRows(last, laterPeriod(period, lastPeriod));
  const findPlace = yield* matchRows(next, last, firstRows);
  const found = new Uint8Array(firstRows.length);
  const foundParts = { legacy: new Set<string>(), 'azure-plan': new Set<string>() };

  function read(place: number, known: Partial<KnownRow> | undefined): KnownRow {
    const row = place < 0 ? unknownRow : readRow(place);
    return known === undefined ? row : withParts(row, known);
  }

  return {
    find(row) {
      const place = findPlace(row);
      const [kind, id] = [getKind(next, row), textAt(next.customerIds, row)];
      const known = parts[kind].get(id);
      if (place < 0 && known === undefined) return undefined;
      if (place >= 0) found[place] = 1;
      if (known !== undefined) foundParts[kind].add(id);
      return read(place, known);
    },
    findInLast(row) {
      const place = findPlace(row);
      if (place < 0 || (comparison.known.size > 0 && parts[getKind(next, row)].has(textAt(next.customerIds, row))))
        return -1;
      found[place] = 1;
      return place;
    },
    *listMissing() {
      for (const kind of kinds) {
        const known = new Map(parts[kind]);
        for (const id of foundParts[kind]) known.delete(id);
        for (const [place, isFirst] of firstRows.entries()) {
          if (last === undefined || isFirst === 0 || found[place] === 1 || getKind(last, place) !== kind) continue;
          const id = textAt(last.customerIds, place);
          yield { key: `${id}/${kind}`, row: read(place, known.get(id)) };
          known.delete(id);
        }
        for (const [id, each] of known) yield { key: `${id}/${kind}`, row: read(-1, each) };
      }
    },
  };
}

/** What is known besides the last list, by kind and customer id. */
function collectStoredRows({ known, period, lastPeriod }: Comparison) {
  const parts = { legacy: new Map<string, Partial<KnownRow>>(), 'azure-plan': new Map<string, Partial<KnownRow>>() };
  for (const [key, each] of known) {
    const kind = key.endsWith('/legacy') ? 'legacy' : 'azure-plan';
    const isForgotten = period > lastPeriod && kind === 'azure-plan';
    if (!isForgotten) parts[kind].set(key.slice(0, -kind.length - 1), each);
  }
  return parts;
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
 * Finds the row of the same customer and kind among the first rows of the last list. Most rows are in the same place as before; a
 * search by customer id for all of 100 000 rows takes ten times longer.
 */
function* matchRows(
  next: UsageSnapshot,
  last: UsageSnapshot | undefined,
  firstRows: Uint8Array,
): ChunkedWork<(row: number) => number> {
  if (last === undefined) return () => -1;
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
  const movedRows = { legacy: new Map<string, number>(), 'azure-plan': new Map<string, number>() };
  for (let place = 0; place < last.count; place += 1) {
    if (place % rowsPerTurn === 0) yield;
    if (firstRows[place] === 0 || isMatched[place] === 1) continue;
    movedRows[getKind(last, place)].set(textAt(lastIds, place), place);
  }
  return (row) => {
    const place = Number(places[getSubject(row)]);
    return place >= 0 ? place : (movedRows[getKind(next, row)].get(textAt(customerIds, row)) ?? -1);
  };
}

function laterPeriod(one: string, other: string): string {
  return one > other ? one : other;
}

/** The kind of a comparable row. */
export function getKind({ isUpgraded }: UsageSnapshot, row: number): Kind {
  return isUpgraded[row] === 1 ? 'azure-plan' : 'legacy';
}

/** A row is comparable when it belongs to an Azure plan and this UTC month, or to a legacy subscription of any period. */
export function createRowFilters({ lastModified, isUpgraded }: UsageSnapshot, period: string) {
  const startsAt = Date.parse(`${period}-01T00:00:00Z`);
  const isFromPeriod = (row: number) => Number(lastModified[row]) >= startsAt;
  const isComparable = (row: number) => isUpgraded[row] === 0 || (isUpgraded[row] === 1 && isFromPeriod(row));
  return { isFromPeriod, isComparable };
}
