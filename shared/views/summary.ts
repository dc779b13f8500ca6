import type { BudgetCounts, Counts } from '../contract/summary-schema.ts';
import { createBudgetStatuses } from './budget-status.ts';
import type { BudgetLimits } from './budget-status.ts';
import { isUnreadable, scannedRecord, textAt } from '../snapshot/columns.ts';
import { createTotal } from './exact-sum.ts';
import type { Amount, Total } from './exact-sum.ts';
import { findValue, readText } from '../snapshot/record-values.ts';
import type { ScannedRecord } from '../snapshot/record-values.ts';
import type { Member } from '../snapshot/record-scan.ts';
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
  const codes: Group[] = [];
  const locales = new Map<string, Group>();
  const readLocale = createTextReader('currencyLocale');
  const all = createCounter(snapshot);
  const kinds = { azurePlan: createCounter(snapshot), legacy: createCounter(snapshot) };
  const usd = createTotal('USD', 'usdTotalCost');
  let usdRows = 0;

  function addRow(row: number): void {
    const record = scannedRecord(scanned, row);
    getGroup(row, record).add(row, record);
    all.add(row);
    const kind = isUpgraded[row];
    if (kind === 1) kinds.azurePlan.add(row);
    else if (kind === 0) kinds.legacy.add(row);
    if (kind === 1 && usd.add(record)) usdRows += 1;
  }

  function getGroup(row: number, record: ScannedRecord): Group {
    const number = Number(currency[row]);
    if (number >= 0) return (codes[number] ??= createGroup(textAt(currencies, number), snapshot, limits));
    // A code that cannot be read may be any: a locale says nothing beside it.
    const locale = isUnreadable(snapshot, row, 'currencyCode') ? '' : readLocale(record);
    let group = locales.get(locale);
    if (group === undefined) locales.set(locale, (group = createGroup(locale, snapshot, limits)));
    return group;
  }

  return {
    add(rows) {
      for (let at = 0; at < rows.length; at += 1) addRow(Number(rows[at]));
    },
    build: () => ({
      ...all.counts(),
      currencies: summarizeGroups(codes.filter((group) => group !== undefined)),
      locales: summarizeGroups([...locales.values()]),
      usd: { total: usd.getAmount(), rows: usdRows, rowsWithout: all.counts().rows - usdRows },
      azurePlan: kinds.azurePlan.counts(),
      legacy: kinds.legacy.counts(),
    }),
  };
}

/** How many different texts are kept; to look for one among more takes as long as to read it. */
const mostKnownTexts = 20;

/** Reads a member with few different texts. Comparing bytes takes a tenth of the time of making another text of them. */
function createTextReader(member: Member): (record: ScannedRecord) => string {
  const known: { readonly json: Buffer; readonly text: string }[] = [];
  return function readKnownText(record) {
    const { bytes } = record;
    const { start, end } = findValue(record, member);
    for (const { json, text } of known) if (hasBytes(bytes, start, end, json)) return text;
    const text = readText(record, member);
    if (known.length < mostKnownTexts) known.push({ json: bytes.subarray(start, end), text });
    return text;
  };
}

function hasBytes(bytes: Buffer, start: number, end: number, wanted: Buffer): boolean {
  if (end - start !== wanted.length) return false;
  for (let at = 0; at < wanted.length; at += 1) if (bytes[start + at] !== wanted[at]) return false;
  return true;
}

type Group = ReturnType<typeof createGroup>;

function summarizeGroups(groups: readonly Group[]): GroupSummary[] {
  return groups.map((group) => group.summary()).toSorted((one, other) => (one.unit < other.unit ? -1 : 1));
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
      if (status === 'none' && Number(totalCost[row]) > 0) spendingWithoutBudget += 1;
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
      const customer = Number(customerNumbers[row]);
      if (isCounted[customer] === 0) customers += 1;
      isCounted[customer] = 1;
      rows += 1;
    },
    counts: (): Counts => ({ customers, rows }),
  };
}
