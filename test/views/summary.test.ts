import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createUsageSummary } from '../../shared/views/summary.ts';
import type { UsageSummary } from '../../shared/views/summary.ts';
import { snapshotOfLines } from '../snapshot/records.ts';

const limits = { warningPercent: 80, overPercent: 100 };

type Row = {
  readonly id: string;
  readonly unit: readonly ['currencyCode' | 'currencyLocale', string | undefined];
  readonly isUpgraded: boolean;
  readonly totalCost: string;
  readonly budget: string | undefined;
  readonly percentUsed: number;
  readonly usdTotalCost: string | undefined;
};

function lineOf({ id, unit: [member, unit], isUpgraded, totalCost, budget, percentUsed, usdTotalCost }: Row): string {
  return (
    `{"id":"${id}",${unit === undefined ? '' : `"${member}":"${unit}",`}"isUpgraded":${isUpgraded},"totalCost":${totalCost},` +
    `"budget":{${budget === undefined ? '' : `"amount":${budget}`}},"percentUsed":${percentUsed},` +
    `${usdTotalCost === undefined ? '' : `"usdTotalCost":${usdTotalCost},`}"lastModifiedDate":"2026-11-16T00:00:00Z"}`
  );
}

function summaryOfRows(rows: readonly Row[]): UsageSummary {
  const snapshot = snapshotOfLines(rows.map(lineOf));
  const summary = createUsageSummary(snapshot, limits);
  summary.add(Uint32Array.from(rows, (_, row) => row));
  return summary.build();
}

const plan: Row = {
  id: 'a',
  unit: ['currencyCode', 'SEK'],
  isUpgraded: true,
  totalCost: '120.5682999999995904716',
  budget: '20',
  percentUsed: 602.84,
  usdTotalCost: '12.39999999999999985235',
};
const legacy: Row = {
  ...plan,
  unit: ['currencyLocale', 'fr-FR'],
  isUpgraded: false,
  totalCost: '5',
  budget: undefined,
  percentUsed: 0,
  usdTotalCost: '0',
};

describe('summaryOf', () => {
  it('adds up each currency by itself, exactly', () => {
    const summary = summaryOfRows([
      plan,
      { ...plan, id: 'b', totalCost: '0.0000000000004095284', budget: '0.5', percentUsed: 80, usdTotalCost: undefined },
      { ...plan, id: 'c', unit: ['currencyCode', 'GBP'], totalCost: '-1.25', budget: undefined, usdTotalCost: '1e-20' },
      { ...plan, id: 'c', unit: ['currencyCode', 'GBP'], totalCost: '1.30', budget: undefined, usdTotalCost: '0' },
    ]);
    expect(summary.currencies).toStrictEqual([
      {
        unit: 'GBP',
        customers: 1,
        rows: 2,
        withBudget: 0,
        withoutBudget: 2,
        overWarning: 0,
        overBudget: 0,
        spendingWithoutBudget: 1,
        unknownTotalCost: 0,
        unknownBudget: 0,
        totalCost: { unit: 'GBP', digits: '0.05' },
        budgetAmount: { unit: 'GBP', digits: '0' },
      },
      {
        unit: 'SEK',
        customers: 2,
        rows: 2,
        withBudget: 2,
        withoutBudget: 0,
        overWarning: 2,
        overBudget: 1,
        spendingWithoutBudget: 0,
        unknownTotalCost: 0,
        unknownBudget: 0,
        totalCost: { unit: 'SEK', digits: '120.5683' },
        budgetAmount: { unit: 'SEK', digits: '20.5' },
      },
    ]);
    expect(summary.usd).toStrictEqual({
      total: { unit: 'USD', digits: '12.39999999999999985236' },
      rows: 3,
      rowsWithout: 1,
    });
  });

  it('groups rows without a currency code by their locale, and leaves legacy rows out of USD', () => {
    const summary = summaryOfRows([legacy, { ...legacy, id: 'b', unit: ['currencyLocale', 'sv-SE'] }, plan]);
    expect(summary.locales).toMatchObject([
      { unit: 'fr-FR', customers: 1, totalCost: { unit: 'fr-FR', digits: '5' }, spendingWithoutBudget: 1 },
      { unit: 'sv-SE', customers: 1, totalCost: { unit: 'sv-SE', digits: '5' } },
    ]);
    expect(summary).toMatchObject({
      customers: 2,
      rows: 3,
      azurePlan: { customers: 1, rows: 1 },
      legacy: { customers: 2, rows: 2 },
      usd: { rows: 1, rowsWithout: 2 },
    });
  });

  it('keeps any number of locales apart, and those together that are only written differently', () => {
    const names = Array.from({ length: 60 }, (_, number) => `x${number % 30}-Y`);
    const made = ['fr-FR', ...names, 'fr\\u002dFR', 'fr-F'].map((unit): Row => ({
      ...legacy,
      unit: ['currencyLocale', unit],
    }));
    const { locales } = summaryOfRows(made);
    expect(locales).toHaveLength(32);
    expect(locales.find(({ unit }) => unit === 'fr-FR')).toMatchObject({ rows: 2, totalCost: { digits: '10' } });
    expect(locales.find(({ unit }) => unit === 'x29-Y')).toMatchObject({ rows: 2, totalCost: { digits: '10' } });
    expect(locales.find(({ unit }) => unit === 'fr-F')).toMatchObject({ rows: 1, totalCost: { digits: '5' } });
  });

  it('adds up nothing of rows that have neither code nor locale', () => {
    const bare: Row = { ...legacy, unit: ['currencyLocale', undefined] };
    expect(summaryOfRows([bare, bare]).locales).toMatchObject([
      { unit: '', rows: 2, totalCost: undefined, budgetAmount: undefined },
    ]);
  });

  it('is all zeros without rows', () => {
    expect(summaryOfRows([])).toStrictEqual({
      customers: 0,
      rows: 0,
      currencies: [],
      locales: [],
      usd: { total: { unit: 'USD', digits: '0' }, rows: 0, rowsWithout: 0 },
      azurePlan: { customers: 0, rows: 0 },
      legacy: { customers: 0, rows: 0 },
    });
  });

  const cents = fc.bigInt(-(10n ** 24n), 10n ** 24n);
  const row = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    code: fc.constantFrom('SEK', 'GBP', 'JPY'),
    cost: cents,
    budget: fc.option(cents, { nil: undefined }),
    usd: fc.option(cents, { nil: undefined }),
  });

  test.prop([fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 22 })])(
    'has the totals the rows were made with',
    (made, places) => {
      const summary = summaryOfRows(
        made.map(({ id, code, cost, budget, usd }) => ({
          ...plan,
          id,
          unit: ['currencyCode', code],
          totalCost: decimalOf(cost, places),
          budget: budget === undefined ? undefined : decimalOf(budget, places),
          usdTotalCost: usd === undefined ? undefined : decimalOf(usd, places),
        })),
      );
      expect(summary.currencies.map(({ unit }) => unit)).toStrictEqual(
        [...new Set(made.map(({ code }) => code))].toSorted(),
      );
      for (const { unit, totalCost, budgetAmount, customers } of summary.currencies) {
        const own = made.filter(({ code }) => code === unit);
        expect(unitsOf(totalCost?.digits, places)).toBe(own.reduce((sum, { cost }) => sum + cost, 0n));
        expect(unitsOf(budgetAmount?.digits, places)).toBe(own.reduce((sum, { budget }) => sum + (budget ?? 0n), 0n));
        expect(customers).toBe(new Set(own.map(({ id }) => id)).size);
      }
      expect(unitsOf(summary.usd.total?.digits, places)).toBe(made.reduce((sum, { usd }) => sum + (usd ?? 0n), 0n));
    },
  );
});

function decimalOf(units: bigint, places: number): string {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function unitsOf(digits = '', places = 0): bigint {
  const [whole = '', fraction = ''] = digits.split('.');
  return BigInt(whole + fraction.padEnd(places, '0'));
}
