import { isUnreadable, textAt } from '../snapshot/columns.ts';
import { createOverBudgetProjections } from '../views/forecast.ts';
import { usageParameters } from './parameters.ts';
import type { ParameterName, UsageQuery } from './parameters.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/** The rows that match every filter of the query, in upstream order, to be read only. Looks at columns only. */
export function selectRows(snapshot: UsageSnapshot, query: UsageFilters): Uint32Array {
  const kept = filterNames.flatMap((name) => listRowFilters(name, query[name], snapshot));
  const { every, workspace } = getWorkspace(snapshot);
  if (kept.length === 0) return every;
  workspace.set(every);
  let count = every.length;
  // Ranges first: they are fast, and leave fewer rows to look at.
  for (const range of kept) if (typeof range !== 'function') count = keepInRange(workspace, count, range);
  for (const matches of kept) if (typeof matches === 'function') count = keepMatching(workspace, count, matches);
  return workspace.slice(0, count);
}

/** Whether the query leaves out any row. */
export function hasFilter(query: UsageFilters): boolean {
  return filterNames.some((name) => query[name] !== undefined);
}

type RowTest = (row: number) => boolean;
/** Rows whose figure is from `low` to `high`, and never those without one: a comparison with NaN is false. */
type Range = { readonly column: Float64Array; readonly low?: number; readonly high?: number };

type Filters<Name extends ParameterName> = {
  readonly [Each in Name]: (snapshot: UsageSnapshot, value: NonNullable<UsageQuery[Each]>) => RowTest | Range | Range[];
};

/** What each filter keeps. */
const filters = {
  minPercentUsed: ({ percentUsed, budgetAmount }, low) => [{ column: percentUsed, low }, { column: budgetAmount }],
  maxPercentUsed: ({ percentUsed, budgetAmount }, high) => [{ column: percentUsed, high }, { column: budgetAmount }],
  hasBudget: (snapshot, wanted) => (row) =>
    hasValue(snapshot.budgetAmount, row) === wanted && !isUnreadable(snapshot, row, 'budget'),
  isUpgraded:
    ({ isUpgraded }, wanted) =>
    (row) =>
      isUpgraded[row] === Number(wanted),
  currencyCode: ({ currency, currencies }, codes) => {
    const wanted = [...currencies.keys()].filter((index) => codes.includes(textAt(currencies, index)));
    const indexes = new Set(codes.includes('none') ? [-1, ...wanted] : wanted);
    return (row) => indexes.has(Number(currency[row]));
  },
  minTotalCost: ({ totalCost }, low) => ({ column: totalCost, low }),
  maxTotalCost: ({ totalCost }, high) => ({ column: totalCost, high }),
  minUsdTotalCost: ({ usdTotalCost }, low) => ({ column: usdTotalCost, low }),
  maxUsdTotalCost: ({ usdTotalCost }, high) => ({ column: usdTotalCost, high }),
  customerId: ({ customerIds }, ids) => {
    const wanted = new Set(ids);
    return (row) => wanted.has(textAt(customerIds, row));
  },
  search:
    ({ foldedNames }, text) =>
    (row) =>
      textAt(foldedNames, row).includes(text),
  modifiedSince: ({ lastModified }, low) => ({ column: lastModified, low }),
  projectedOverBudget: (snapshot, wanted) => {
    const isOver = createOverBudgetProjections(snapshot);
    return (row) => isOver(row) === wanted;
  },
} satisfies Partial<Filters<ParameterName>>;

type FilterName = keyof typeof filters;
export type UsageFilters = Pick<UsageQuery, FilterName>;

/** The parameters that choose rows by what they hold. */
export const filterNames = usageParameters.keyof().options.filter(isFilterName);

function isFilterName(name: ParameterName): name is FilterName {
  return name in filters;
}

function listRowFilters<Name extends FilterName>(
  name: Name,
  value: UsageQuery[Name],
  snapshot: UsageSnapshot,
): (RowTest | Range)[] {
  const filtersByName: Filters<FilterName> = filters;
  return value === undefined ? [] : [filtersByName[name](snapshot, value)].flat();
}

type Workspace = { readonly every: Uint32Array; readonly workspace: Uint32Array };

const workspaces = new WeakMap<UsageSnapshot, Workspace>();

/** Every row, and room for a selection of them, which the next one uses again. */
function getWorkspace(snapshot: UsageSnapshot): Workspace {
  const found = workspaces.get(snapshot);
  if (found !== undefined) return found;
  const every = new Uint32Array(snapshot.count);
  for (let row = 0; row < every.length; row += 1) every[row] = row;
  const made = { every, workspace: new Uint32Array(snapshot.count) };
  workspaces.set(snapshot, made);
  return made;
}

/** Keeps those of the first `count` rows that match, in place, and returns how many. Plain loops: `filter` takes ten times as long. */
function keepMatching(rows: Uint32Array, count: number, matches: RowTest): number {
  let kept = 0;
  for (let at = 0; at < count; at += 1) {
    const row = Number(rows[at]);
    if (!matches(row)) continue;
    rows[kept] = row;
    kept += 1;
  }
  return kept;
}

/** The same for a range, without a call or a branch for each row: a branch that is often guessed wrong takes twice as long. */
function keepInRange(rows: Uint32Array, count: number, { column, low = -Infinity, high = Infinity }: Range): number {
  let kept = 0;
  for (let at = 0; at < count; at += 1) {
    const row = Number(rows[at]);
    const figure = Number(column[row]);
    rows[kept] = row;
    kept += Number(figure >= low) * Number(figure <= high);
  }
  return kept;
}

function hasValue(column: Float64Array, row: number): boolean {
  return !Number.isNaN(column[row]);
}

/** The parameters of one customer's rows. */
export const customerParameters = [
  'api-version',
  'view',
  'format',
  'select',
  'csvSeparator',
  'asOf',
  'period',
] as const;

/** The parameters of the summary: those of the list that choose snapshot and rows. */
export const summaryParameters = ['api-version', 'asOf', 'period', ...filterNames] as const;
