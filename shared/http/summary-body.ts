import type { AnsweredSnapshot } from '../refresh/snapshot-source.ts';
import type { Amount } from '../views/exact-sum.ts';
import type { GroupSummary, UsageSummary } from '../views/summary.ts';
import { snapshotMember } from './representation.ts';

/** Totals as JSON; every amount stands there twice, as a number with all its digits and as the same text. */
export function summaryBody(summary: UsageSummary, served: AnsweredSnapshot): Buffer {
  const { currencies, locales, usd, azurePlan, legacy, customers, rows } = summary;
  const body = objectOf({
    value: listOf(currencies.map((group) => groupOf('currencyCode', group))),
    withoutCurrencyCode: listOf(locales.map((group) => groupOf('currencyLocale', group))),
    usd: objectOf({
      ...amountOf('usdTotalCost', usd.total),
      ...plain({ rows: usd.rows, rowsWithout: usd.rowsWithout }),
    }),
    byKind: objectOf(plain({ azurePlan, legacy })),
    ...plain({ customers, totalCount: rows, snapshot: snapshotMember(served) }),
  });
  return Buffer.from(body);
}

/** Members whose values are JSON already: JSON.stringify would write an amount's digits as a double's. */
type JsonMembers = Readonly<Record<string, string>>;

function groupOf(unitName: string, { unit, totalCost, budgetAmount, ...counts }: GroupSummary): string {
  const { customers, rows, ...byBudget } = counts;
  return objectOf({
    ...plain({ [unitName]: unit, customers, rows }),
    ...amountOf('totalCost', totalCost),
    ...amountOf('budgetAmount', budgetAmount),
    ...plain(byBudget),
  });
}

function amountOf(name: string, amount: Amount | undefined): JsonMembers {
  const digits = amount?.digits;
  return { [name]: digits ?? 'null', [`${name}Text`]: JSON.stringify(digits ?? '') };
}

function plain(members: Readonly<Record<string, unknown>>): JsonMembers {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)]));
}

function objectOf(members: JsonMembers): string {
  return `{${Object.entries(members)
    .map(([name, json]) => `${JSON.stringify(name)}:${json}`)
    .join(',')}}`;
}

function listOf(values: readonly string[]): string {
  return `[${values.join(',')}]`;
}
