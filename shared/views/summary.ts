import type { BudgetCounts, Counts } from '../contract/summary-schema.ts';
import { createBudgetStatuses } from './budget-status.ts';
import type { BudgetLimits } from './budget-status.ts';
import { isUnreadable, scannedRecord } from '../snapshot/columns.ts';
import { createTotal } from './exact-sum.ts';
import type { Amount, Total } from './exact-sum.ts';
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
  const { lines, offsets, spans, currency, currencies, isUpgraded } = snapshot;
  const scanned = { lines, offsets, spans };
  const codes = createGroups(snapshot, limits);
  const locales = createGroups(snapshot, limits);
  const all = createCounter(snapshot);
  const kinds = { azurePlan: createCounter(snapshot), legacy: createCounter(snapshot) };
  const usd = createTotal('USD', 'usdTotalCost');
  let usdRows = 0;

  function addRow(row: number): void {
    const record = scannedRecord(scanned, row);
    const code = currencies[currency[row] ?? -1] ?? '';
    // A code that cannot be read may be any: a locale says nothing beside it.
    if (code !== '') codes.add(row, code, record);
    else locales.add(row, isUnreadable(snapshot, row, 'currencyCode') ? '' : readLocale(record), record);
    all.add(row);
    const kind = isUpgraded[row];
    if (kind === 1) kinds.azurePlan.add(row);
    else if (kind === 0) kinds.legacy.add(row);
    if (kind === 1 && usd.add(record)) usdRows += 1;
  }

  return {
    add(rows) {
      for (let at = 0; at < rows.length; at += 1) addRow(rows[at] ?? 0);
    },
    build: () => ({
      ...all.counts(),
      currencies: codes.summaries(),
      locales: locales.summaries(),
      usd: { total: usd.getAmount(), rows: usdRows, rowsWithout: all.counts().rows - usdRows },
      azurePlan: kinds.azurePlan.counts(),
      legacy: kinds.legacy.counts(),
    }),
  };
}

function readLocale(record: ScannedRecord): string {
  return readText(record, 'currencyLocale') ?? '';
}

function createGroups(snapshot: UsageSnapshot, limits: BudgetLimits) {
  const groups = new Map<string, ReturnType<typeof createGroup>>();
  return {
    add(row: number, unit: string, record: ScannedRecord): void {
      let group = groups.get(unit);
      if (group === undefined) groups.set(unit, (group = createGroup(unit, snapshot, limits)));
      group.add(row, record);
    },
    summaries: (): GroupSummary[] =>
      [...groups.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group.summary()),
  };
}

function createGroup(unit: string, snapshot: UsageSnapshot, limits: BudgetLimits) {
  const { totalCost, oddMembers } = snapshot;
  const hasOddMembers = oddMembers.size > 0;
  const getStatus = createBudgetStatuses(snapshot, limits);
  const counter = createCounter(snapshot);
  const totals = { cost: createTotal(unit, 'totalCost'), budget: createTotal(unit, 'amount') };
  const statuses = { none: 0, unknown: 0, ok: 0, warning: 0, over: 0 };
  let spendingWithoutBudget = 0;
  let unknownTotalCost = 0;
  let unknownBudget = 0;
  // Rows that have neither code nor locale may be in any currency, so nothing of them is added up.
  const getAmount = (total: Total) => (unit === '' ? undefined : total.getAmount());
  return {
    add(row: number, record: ScannedRecord): void {
      counter.add(row);
      totals.cost.add(record);
      totals.budget.add(record);
      const status = getStatus(row);
      statuses[status] += 1;
      if (status === 'none' && (totalCost[row] ?? 0) > 0) spendingWithoutBudget += 1;
      if (!hasOddMembers) return;
      if (isUnreadable(snapshot, row, 'totalCost')) unknownTotalCost += 1;
      if (isUnreadable(snapshot, row, 'budget')) unknownBudget += 1;
    },
    summary: (): GroupSummary => ({
      unit,
      ...counter.counts(),
      withBudget: statuses.ok + statuses.warning + statuses.over + statuses.unknown - unknownBudget,
      withoutBudget: statuses.none,
      overWarning: statuses.warning + statuses.over,
      overBudget: statuses.over,
      spendingWithoutBudget,
      unknownTotalCost,
      unknownBudget,
      totalCost: getAmount(totals.cost),
      budgetAmount: getAmount(totals.budget),
    }),
  };
}

function createCounter({ customerNumbers, count }: UsageSnapshot) {
  const isCounted = new Uint8Array(count);
  let customers = 0;
  let rows = 0;
  return {
    add(row: number): void {
      const customer = customerNumbers[row] ?? 0;
      if (isCounted[customer] === 0) customers += 1;
      isCounted[customer] = 1;
      rows += 1;
    },
    counts: (): Counts => ({ customers, rows }),
  };
}
