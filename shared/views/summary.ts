import type { BudgetCounts, Counts } from '../contract/summary-schema.ts';
import { getBudgetStatus } from './budget-status.ts';
import type { BudgetLimits } from './budget-status.ts';
import { isUnreadable, numberAt, scannedRecord, textAt } from '../snapshot/columns.ts';
import { createLedger } from './exact-sum.ts';
import type { Amount, Ledger } from './exact-sum.ts';
import { readText } from '../snapshot/record-values.ts';
import type { ScannedRecord } from '../snapshot/record-values.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/** Counts and exact totals of the rows whose costs are in one unit. */
export type GroupSummary = Counts &
  BudgetCounts & {
    /** The currency code or locale, as given; `''` for none. */
    readonly unit: string;
    /** `undefined`: the rows may be in different currencies, so nothing is added. */
    readonly totalCost: Amount | undefined;
    readonly budgetAmount: Amount | undefined;
  };

export type UsageSummary = Counts & {
  /** One a currency, by code. */
  readonly currencies: readonly GroupSummary[];
  /** Rows without a currency code, one group a `currencyLocale` as given: a culture name, which says what the currency is likely to be. */
  readonly locales: readonly GroupSummary[];
  /** Partner Center's own conversion, over the rows that have one. */
  readonly usd: { readonly total: Amount | undefined; readonly rows: number; readonly rowsWithout: number };
  readonly azurePlan: Counts;
  readonly legacy: Counts;
};

/** A summary under construction. */
export type UsageSummaryBuilder = { add(rows: Uint32Array): void; build(): UsageSummary };

/** Totals of rows, exact and never over two currencies. */
export function createUsageSummary(snapshot: UsageSnapshot, limits: BudgetLimits): UsageSummaryBuilder {
  const currencies = createGroups(snapshot, limits);
  const locales = createGroups(snapshot, limits);
  const all = createCounter(snapshot);
  const kinds = { azurePlan: createCounter(snapshot), legacy: createCounter(snapshot) };
  const usd = createLedger();
  let usdRows = 0;

  function addRow(row: number): void {
    const record = scannedRecord(snapshot, row);
    const code = textAt(snapshot.currencies, numberAt(snapshot.currency, row));
    // A code that cannot be read may be any: a locale says nothing beside it.
    if (code !== '') currencies.add(row, code, record);
    else locales.add(row, isUnreadable(snapshot, row, 'currencyCode') ? '' : readLocale(record), record);
    all.add(row);
    const kind = snapshot.isUpgraded[row];
    if (kind === 1) kinds.azurePlan.add(row);
    else if (kind === 0) kinds.legacy.add(row);
    if (kind === 1 && usd.add('USD', record, 'usdTotalCost')) usdRows += 1;
  }

  return {
    add(rows) {
      for (const row of rows) addRow(row);
    },
    build: () => ({
      ...all.counts(),
      currencies: currencies.summaries(),
      locales: locales.summaries(),
      usd: { total: usd.getTotal('USD'), rows: usdRows, rowsWithout: all.counts().rows - usdRows },
      azurePlan: kinds.azurePlan.counts(),
      legacy: kinds.legacy.counts(),
    }),
  };
}

function readLocale(record: ScannedRecord): string {
  return readText(record, 'currencyLocale') ?? '';
}

type Group = ReturnType<typeof createGroup>;
type Ledgers = { readonly totalCost: Ledger; readonly budgetAmount: Ledger };

function createGroups(snapshot: UsageSnapshot, limits: BudgetLimits) {
  const groups = new Map<string, Group>();
  const ledgers: Ledgers = { totalCost: createLedger(), budgetAmount: createLedger() };
  return {
    add(row: number, unit: string, record: ScannedRecord): void {
      const group = groups.get(unit) ?? createGroup(snapshot, limits);
      groups.set(unit, group);
      group.add(row);
      ledgers.totalCost.add(unit, record, 'totalCost');
      ledgers.budgetAmount.add(unit, record, 'amount');
    },
    summaries: (): GroupSummary[] =>
      [...groups]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([unit, group]) => ({ unit, ...group.counts(), ...getTotals(unit, ledgers) })),
  };
}

/** Rows that have neither code nor locale may be in any currency, so nothing of them is added up. */
function getTotals(unit: string, { totalCost, budgetAmount }: Ledgers) {
  if (unit === '') return { totalCost: undefined, budgetAmount: undefined };
  return { totalCost: totalCost.getTotal(unit), budgetAmount: budgetAmount.getTotal(unit) };
}

function createGroup(snapshot: UsageSnapshot, limits: BudgetLimits) {
  const counter = createCounter(snapshot);
  const statuses = { none: 0, unknown: 0, ok: 0, warning: 0, over: 0 };
  let spendingWithoutBudget = 0;
  let unknownTotalCost = 0;
  let unknownBudget = 0;
  return {
    add(row: number): void {
      counter.add(row);
      const status = getBudgetStatus(snapshot, row, limits);
      statuses[status] += 1;
      if (status === 'none' && numberAt(snapshot.totalCost, row) > 0) spendingWithoutBudget += 1;
      if (isUnreadable(snapshot, row, 'totalCost')) unknownTotalCost += 1;
      if (isUnreadable(snapshot, row, 'budget')) unknownBudget += 1;
    },
    counts: () => ({
      ...counter.counts(),
      withBudget: statuses.ok + statuses.warning + statuses.over + statuses.unknown - unknownBudget,
      withoutBudget: statuses.none,
      overWarning: statuses.warning + statuses.over,
      overBudget: statuses.over,
      spendingWithoutBudget,
      unknownTotalCost,
      unknownBudget,
    }),
  };
}

function createCounter({ customerNumbers, count }: UsageSnapshot) {
  const isCounted = new Uint8Array(count);
  let customers = 0;
  let rows = 0;
  return {
    add(row: number): void {
      const customer = numberAt(customerNumbers, row);
      if (isCounted[customer] === 0) customers += 1;
      isCounted[customer] = 1;
      rows += 1;
    },
    counts: (): Counts => ({ customers, rows }),
  };
}
