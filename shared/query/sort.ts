import { isUnreadable, numberAt, textAt } from '../snapshot/columns.ts';
import { createForecasts } from '../views/forecast.ts';
import type { Forecast } from '../views/forecast.ts';
import { keptOrderOf } from './kept-orders.ts';
import type { OrderField, OrderStep } from './orderby.ts';
import type { DocumentedMember } from '../snapshot/record.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/**
 * The same rows in the order asked for, as a new array: `null` before everything else, unreadable figures last in either direction,
 * equal rows by customer id and then the legacy row first. Without steps, upstream order.
 */
export function sortRows(snapshot: UsageSnapshot, rows: Uint32Array, steps: readonly OrderStep[] = []): Uint32Array {
  if (steps.length === 0) return rows.slice();
  const isFew = rows.length * 8 < snapshot.count;
  const order = keptOrderOf(snapshot, steps, isFew ? undefined : () => createOrder(snapshot, steps));
  return order === undefined ? rows.toSorted(createCompare(snapshot, steps)) : inOrder(rows, order);
}

function createOrder(snapshot: UsageSnapshot, steps: readonly OrderStep[]): Uint32Array {
  return Uint32Array.from({ length: snapshot.count }, (_, row) => row).toSorted(createCompare(snapshot, steps));
}

/** `rows` as they follow each other in `order`, which holds every row once: no comparison, whatever was asked for. */
function inOrder(rows: Uint32Array, order: Uint32Array): Uint32Array {
  const isWanted = new Uint8Array(order.length);
  for (const row of rows) isWanted[row] = 1;
  return order.filter((row) => isWanted[row] === 1);
}

/** The sort is stable, so two rows of one key stay in upstream order. */
function createCompare(snapshot: UsageSnapshot, steps: readonly OrderStep[]): RowCompare {
  const compares = steps.map((step) => createStepCompare(snapshot, step));
  return compares.reduceRight((next, compare) => inTurn(compare, next), createKeyCompare(snapshot));
}

type RowCompare = (one: number, other: number) => number;

function inTurn(first: RowCompare, next: RowCompare): RowCompare {
  return (one, other) => first(one, other) || next(one, other);
}

function createStepCompare(snapshot: UsageSnapshot, { field, direction }: OrderStep): RowCompare {
  const ascending = fieldCompares[field](snapshot);
  const compare: RowCompare = direction === 'asc' ? ascending : (one, other) => ascending(other, one);
  const members = membersBehind[field];
  if (members === undefined || snapshot.oddMembers.size === 0) return compare;
  const isLast = (row: number) => Number(isUnreadable(snapshot, row, ...members));
  return (one, other) => isLast(one) - isLast(other) || compare(one, other);
}

/** The members that a field is read from, where it is a figure of Partner Center's. */
const membersBehind: { readonly [Field in OrderField]?: readonly DocumentedMember[] } = {
  percentUsed: ['percentUsed', 'budget'],
  totalCost: ['totalCost'],
  usdTotalCost: ['usdTotalCost', 'isUpgraded'],
  budgetAmount: ['budget'],
  lastModifiedDate: ['lastModifiedDate'],
};

const fieldCompares: { readonly [Field in OrderField]: (snapshot: UsageSnapshot) => RowCompare } = {
  // Without a budget the figure is 0 and says nothing.
  percentUsed: ({ percentUsed, budgetAmount }) =>
    createNumberCompare(percentUsed.map((percent, row) => (Number.isNaN(budgetAmount[row]) ? Number.NaN : percent))),
  totalCost: ({ totalCost }) => createNumberCompare(totalCost),
  usdTotalCost: ({ usdTotalCost }) => createNumberCompare(usdTotalCost),
  customerName: ({ foldedNames }) => createNameCompare(foldedNames),
  budgetAmount: ({ budgetAmount }) => createNumberCompare(budgetAmount),
  lastModifiedDate: ({ lastModified }) => createNumberCompare(lastModified),
  pacePercent: (snapshot) => createNumberCompare(forecastColumn(snapshot, 'pacePercent')),
  projectedMonthEndCost: (snapshot) => createNumberCompare(forecastColumn(snapshot, 'projectedMonthEndCost')),
};

function forecastColumn(snapshot: UsageSnapshot, figure: Exclude<keyof Forecast, 'confidence'>): Float64Array {
  const getForecast = createForecasts(snapshot);
  return snapshot.totalCost.map((_, row) => getForecast(row)[figure]);
}

function createKeyCompare({ customerIds, isUpgraded }: UsageSnapshot): RowCompare {
  const compareIds = createIdCompare(customerIds);
  return inTurn(compareIds, (one, other) => numberAt(isUpgraded, one) - numberAt(isUpgraded, other));
}

function createNumberCompare(column: Float64Array): RowCompare {
  return (one, other) => {
    const a = numberAt(column, one);
    const b = numberAt(column, other);
    if (a < b) return -1;
    if (a > b) return 1;
    if (a === b) return 0;
    // NaN, which stands for null, is lowest.
    return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  };
}

/** The locale is fixed, so every machine orders alike; Node brings the rules for it. */
function createNameCompare(foldedNames: readonly string[]): RowCompare {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return (one, other) => compare(textAt(foldedNames, one), textAt(foldedNames, other));
}

function createIdCompare(customerIds: readonly string[]): RowCompare {
  return (one, other) => {
    const a = textAt(customerIds, one);
    const b = textAt(customerIds, other);
    if (a === b) return 0;
    return a < b ? -1 : 1;
  };
}
