import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { flatFields, getFlatColumns } from '../../shared/views/flat-fields.ts';
import { createFlatJson } from '../../shared/views/flat-json.ts';
import { createFlatRows } from '../../shared/views/flat-row.ts';
import { knownRecord } from '../support/lists/known-records.ts';
import { snapshotOfLines } from '../snapshot/records.ts';

const limits = { warningPercent: 80, overPercent: 100 };
const keys = [
  'customerId',
  'customerName',
  'period',
  'hasBudget',
  'budgetAmount',
  'percentUsed',
  'totalCost',
  'totalCostText',
  'currencyCode',
  'usdTotalCost',
  'isUpgraded',
  'lastModifiedDate',
  'pacePercent',
  'projectedMonthEndCost',
  'forecastConfidence',
  'budgetStatus',
];

const plan =
  '{"budget":{"amount":20,"attributes":{}},"percentUsed":602.84,"isUpgraded":true,"resourceId":"11111111-6FB9","resourceName":"Modern \\"Azure\\" SE",' +
  '"totalCost":120.5682999999995904716,"currencyCode":"SEK","usdTotalCost":12.39999999999999985235,"lastModifiedDate":"2026-11-16T00:00:00.0000000+00:00"}';
const legacy =
  '{"budget":{},"percentUsed":0,"isUpgraded":false,"id":"legacy","name":"Legacy","totalCost":0.50,"currencyLocale":"fr-FR","usdTotalCost":0,"lastModifiedDate":"2026-10-28T13:07:41.193-07:00"}';

function flatTextsOf(...lines: string[]): string[] {
  const getFlatRow = createFlatRows(snapshotOfLines(lines), limits);
  return lines.map((_, row) => createFlatJson(getFlatColumns(flatFields))(getFlatRow(row)));
}

function statusOf(budget: string, percentUsed: string, totalCost = '1'): unknown {
  const record = `{"budget":${budget},"percentUsed":${percentUsed},"isUpgraded":true,"id":"a","totalCost":${totalCost},"lastModifiedDate":"2026-11-16T00:00:00Z"}`;
  return Object(JSON.parse(flatTextsOf(record)[0] ?? '')).budgetStatus;
}

describe('createFlatRows', () => {
  it('begins a period with the first instant of its month', () => {
    const dates = ['2026-11-30T12:00:00Z', '2026-12-01T00:00:00Z', '2026-12-01T12:00:00Z', '2026-11-30T23:59:59.999Z'];
    const lines = dates.map((date) => plan.replace('2026-11-16T00:00:00.0000000+00:00', date));
    const getFlatRow = createFlatRows(snapshotOfLines(lines), limits);
    expect(dates.map((_, row) => getFlatRow(row).period)).toEqual(['2026-11', '2026-12', '2026-12', '2026-11']);
  });
});

describe('createFlatRows', () => {
  it('gives an Azure plan row with its exact digits', () => {
    expect(flatTextsOf(plan)[0]).toBe(
      '{"customerId":"11111111-6fb9","customerName":"Modern \\"Azure\\" SE","period":"2026-11","hasBudget":true,"budgetAmount":20,"percentUsed":602.84,' +
        '"totalCost":120.5682999999995904716,"totalCostText":"120.5682999999995904716","currencyCode":"SEK","usdTotalCost":12.39999999999999985235,' +
        '"isUpgraded":true,"lastModifiedDate":"2026-11-16T00:00:00.0000000+00:00","pacePercent":1205.68,"projectedMonthEndCost":241.14,"forecastConfidence":"high","budgetStatus":"over"}',
    );
  });

  it('gives a legacy row of an older month without budget, USD, currency and forecast', () => {
    expect(JSON.parse(flatTextsOf(plan, legacy)[1] ?? '')).toStrictEqual({
      customerId: 'legacy',
      customerName: 'Legacy',
      period: '2026-10',
      hasBudget: false,
      budgetAmount: null,
      percentUsed: null,
      totalCost: 0.5,
      totalCostText: '0.50',
      currencyCode: '',
      usdTotalCost: null,
      isUpgraded: false,
      lastModifiedDate: '2026-10-28T13:07:41.193-07:00',
      pacePercent: null,
      projectedMonthEndCost: null,
      forecastConfidence: 'none',
      budgetStatus: 'none',
    });
  });

  it.each([
    ['{}', '0', 'none'],
    ['null', '0', 'none'],
    ['{"amount":10}', '79.99', 'ok'],
    ['{"amount":10}', '80', 'warning'],
    ['{"amount":10}', '99.99', 'warning'],
    ['{"amount":10}', '100.00', 'over'],
    ['{"amount":0}', '0', 'over'],
  ])('of a budget %s used to %s % says %s', (budget, percentUsed, status) => {
    expect(statusOf(budget, percentUsed)).toBe(status);
  });

  it('calls a budget of nothing ok while nothing is spent', () => {
    expect(statusOf('{"amount":0}', '0', '0.00')).toBe('ok');
  });

  test.prop([fc.array(knownRecord, { minLength: 1, maxLength: 5 })])(
    'has constant keys and the values of the full rows',
    (known) => {
      for (const [row, text] of flatTextsOf(...known.map(({ line }) => line)).entries()) {
        const flat = Object(JSON.parse(text));
        const { line, ...put } = known[row] ?? knownNothing;
        const full = Object(JSON.parse(line));
        expect(Object.keys(flat)).toStrictEqual(keys);
        expect(flat).toMatchObject({
          customerId: full.resourceId,
          customerName: full.resourceName,
          period: new Date(Date.parse(full.lastModifiedDate)).toISOString().slice(0, 7),
          hasBudget: 'amount' in full.budget,
          budgetAmount: full.budget.amount ?? null,
          percentUsed: 'amount' in full.budget ? full.percentUsed : null,
          totalCost: full.totalCost,
          totalCostText: put.totalCost,
          currencyCode: full.currencyCode ?? '',
          usdTotalCost: full.isUpgraded ? full.usdTotalCost : null,
          isUpgraded: full.isUpgraded,
          lastModifiedDate: full.lastModifiedDate,
        });
        expect(text).toContain(`"totalCost":${put.totalCost},"totalCostText":"${put.totalCost}"`);
        if (put.budget !== undefined) expect(text).toContain(`"budgetAmount":${put.budget},`);
      }
    },
  );
});

const knownNothing = { line: '', totalCost: '', budget: undefined };
