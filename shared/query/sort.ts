import { isUnreadable, textAt } from '../snapshot/columns.ts';
import type { DocumentedMember } from '../snapshot/record.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { createForecasts } from '../views/forecast.ts';
import { runInTurns } from '../turns.ts';
import type { ChunkedWork } from '../turns.ts';
import { sortInTurns } from './merge-sort.ts';
import type { OrderField, OrderStep } from './orderby.ts';
import { createSortKeys, sortByKeys } from './radix-sort.ts';

/**
 * The same rows in the order asked for, to be read only: `null` before everything else, unreadable figures last in either direction,
 * equal rows by customer id and then the legacy row first.
 */
export type SortRows = (
  snapshot: UsageSnapshot,
  rows: Uint32Array,
  steps: readonly OrderStep[],
) => Promise<Uint32Array>;

/** Orders of a snapshot that are kept; each takes four bytes a row. */
const mostOrders = 8;

/**
 * Sorting, with the whole orders of each snapshot kept as long as the snapshot: a portal asks for the same few again and again, and
 * every page of a sorted walk needs the order of all rows.
 */
export function createSortRows(yieldToEventLoop: () => Promise<void>): SortRows {
  const ordersOfSnapshots = new WeakMap<UsageSnapshot, Map<string, Promise<Uint32Array>>>();

  function getOrder(snapshot: UsageSnapshot, steps: readonly OrderStep[]): Promise<Uint32Array> {
    const orders = ordersOfSnapshots.get(snapshot) ?? new Map<string, Promise<Uint32Array>>();
    ordersOfSnapshots.set(snapshot, orders);
    const name = JSON.stringify(steps);
    const order = orders.get(name) ?? orderRows(snapshot, steps, yieldToEventLoop);
    // Used last, forgotten last.
    orders.delete(name);
    orders.set(name, order);
    const [oldest = ''] = orders.keys();
    if (orders.size > mostOrders) orders.delete(oldest);
    return order;
  }

  return async function sortRows(snapshot, rows, steps) {
    const order = await getOrder(snapshot, steps);
    return rows.length === order.length ? order : keepRows(order, rows);
  };
}

/** Those of `order` that are in `rows`. Plain loops: `filter` takes ten times as long. */
function keepRows(order: Uint32Array, rows: Uint32Array): Uint32Array {
  const isWanted = new Uint8Array(order.length);
  for (let at = 0; at < rows.length; at += 1) isWanted[Number(rows[at])] = 1;
  const kept = new Uint32Array(rows.length);
  let count = 0;
  for (let at = 0; at < order.length; at += 1) {
    const row = Number(order[at]);
    if (isWanted[row] === 0) continue;
    kept[count] = row;
    count += 1;
  }
  return kept;
}

/** Every row of the snapshot in order. Sorting is stable, so it goes from the last criterion to the first. */
async function orderRows(
  snapshot: UsageSnapshot,
  steps: readonly OrderStep[],
  yieldToEventLoop: () => Promise<void>,
): Promise<Uint32Array> {
  let order = await runInTurns(orderByKey(snapshot), yieldToEventLoop);
  for (const { field, direction } of steps.toReversed()) {
    const column =
      field === 'customerName'
        ? await rankNames(snapshot.foldedNames, yieldToEventLoop)
        : await runInTurns(readFigures(snapshot, field), yieldToEventLoop);
    const members = membersBehind[field] ?? [];
    const isLast = (row: number) => isUnreadable(snapshot, row, ...members);
    const keys = createSortKeys(column, direction, snapshot.oddMembers.size === 0 ? undefined : isLast);
    await yieldToEventLoop();
    order = await runInTurns(sortByKeys(order, keys), yieldToEventLoop);
  }
  return order;
}

/** The members that a field is read from, where it is a figure of Partner Center's. */
const membersBehind: { readonly [Field in OrderField]?: readonly DocumentedMember[] } = {
  percentUsed: ['percentUsed', 'budget'],
  totalCost: ['totalCost'],
  usdTotalCost: ['usdTotalCost', 'isUpgraded'],
  budgetAmount: ['budget'],
  lastModifiedDate: ['lastModifiedDate'],
};

type Figure = Exclude<OrderField, 'customerName'>;

/** Reading the figures of this many rows takes less than a millisecond. */
const rowsPerTurn = 10_000;

/** What rows are ordered by. */
function* readFigures(snapshot: UsageSnapshot, field: Figure): ChunkedWork<Float64Array> {
  if (field === 'lastModifiedDate') return snapshot.lastModified;
  if (field !== 'percentUsed' && field !== 'pacePercent' && field !== 'projectedMonthEndCost') return snapshot[field];
  const { percentUsed, budgetAmount } = snapshot;
  const getForecast = createForecasts(snapshot);
  const figures = new Float64Array(snapshot.count);
  for (let row = 0; row < figures.length; row += 1) {
    if (field !== 'percentUsed') figures[row] = getForecast(row)[field];
    // Without a budget the figure is 0 and says nothing.
    else figures[row] = Number.isNaN(budgetAmount[row]) ? Number.NaN : Number(percentUsed[row]);
    if (row % rowsPerTurn === 0) yield;
  }
  return figures;
}

/** Names that begin with the same characters count as equal: a comparison takes as long as the names are, and nobody has such names. */
const comparedCharacters = 256;

/** The place of each name among all of them. The locale is fixed, so every machine orders alike; Node brings the rules for it. */
async function rankNames(names: readonly string[], yieldToEventLoop: () => Promise<void>): Promise<Float64Array> {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const getStart = (row: number) => textAt(names, row).slice(0, comparedCharacters);
  const compareRows = (one: number, other: number) => compare(getStart(one), getStart(other));
  const order = await sortInTurns(names.length, compareRows, yieldToEventLoop);
  const ranks = new Float64Array(names.length);
  let rank = 0;
  for (const [place, row] of order.entries()) {
    if (place > 0 && compareRows(Number(order[place - 1]), row) !== 0) rank += 1;
    ranks[row] = rank;
  }
  return ranks;
}

const prefixLength = 6;

/** All rows by customer id and kind: by the first letters of the id as one number, and only the few that share them by comparing. */
function* orderByKey(snapshot: UsageSnapshot): ChunkedWork<Uint32Array> {
  const { customerIds, isUpgraded, count } = snapshot;
  const prefixes = new Float64Array(count);
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) {
    prefixes[row] = packPrefix(textAt(customerIds, row));
    rows[row] = row;
    if (row % rowsPerTurn === 0) yield;
  }
  const order = yield* sortByKeys(rows, createSortKeys(prefixes, 'asc'));
  for (let start = 0, end = 1; start < count; start = end, end += 1) {
    const prefix = prefixes[Number(order[start])];
    while (end < count && prefixes[Number(order[end])] === prefix) end += 1;
    if (end - start === 1) continue;
    order.subarray(start, end).sort((one, other) => {
      const [a, b] = [textAt(customerIds, one), textAt(customerIds, other)];
      return a < b ? -1 : a > b ? 1 : Number(isUpgraded[one]) - Number(isUpgraded[other]);
    });
  }
  return order;
}

/** Letters beyond Latin count as the last Latin one: those ids share a prefix, and are compared. */
function packPrefix(id: string): number {
  let packed = 0;
  for (let at = 0; at < prefixLength; at += 1) {
    packed = packed * 256 + (at < id.length ? Math.min(id.charCodeAt(at), 255) : 0);
  }
  return packed;
}
