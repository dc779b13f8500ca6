import { describe, expect, it } from 'vitest';
import { findProblems, parseQuery } from './queries.ts';

const plain = { 'api-version': '2026-11-01', view: 'full', format: 'json', skip: 0, maxpagesize: 1000 };
const id = 'aaaaaaaa-0000-4000-8000-00000000000F';

describe('parseUsageQuery', () => {
  it('gives the defaults when nothing is asked', () => {
    expect(parseQuery('')).toStrictEqual(plain);
  });

  it.each([
    ['api-version=2026-11-01&view=full&format=json', {}],
    ['minPercentUsed=80&maxPercentUsed=1000000', { minPercentUsed: 80, maxPercentUsed: 1_000_000 }],
    ['minPercentUsed=080.5000', { minPercentUsed: 80.5 }],
    ['hasBudget=true&isUpgraded=false', { hasBudget: true, isUpgraded: false }],
    ['currencyCode=SEK,%20GBP,none,SEK', { currencyCode: ['GBP', 'SEK', 'none'] }],
    [
      'currencyCode=SEK&minTotalCost=-0.5&maxTotalCost=-0',
      { currencyCode: ['SEK'], minTotalCost: -0.5, maxTotalCost: 0 },
    ],
    ['minUsdTotalCost=-1000000000&maxUsdTotalCost=0.0001', { minUsdTotalCost: -1e9, maxUsdTotalCost: 0.0001 }],
    [`customerId=${id},${id.toLowerCase()}`, { customerId: [id.toLowerCase()] }],
    ['search=Stra%C3%9Fe', { search: 'strasse' }],
    ['search=+', { search: ' ' }],
    ['modifiedSince=2026-11-20T03:00:00.000%2B01:00', { modifiedSince: Date.UTC(2026, 10, 20, 2) }],
    ['orderby=percentUsed', { orderby: [{ field: 'percentUsed', direction: 'asc' }] }],
    [
      'orderby=usdTotalCost+desc,%20customerName%20asc,budgetAmount',
      {
        orderby: [
          { field: 'usdTotalCost', direction: 'desc' },
          { field: 'customerName', direction: 'asc' },
          { field: 'budgetAmount', direction: 'asc' },
        ],
      },
    ],
    [
      'orderby=totalCost&currencyCode=SEK',
      { currencyCode: ['SEK'], orderby: [{ field: 'totalCost', direction: 'asc' }] },
    ],
    ['skip=1000000&top=100000&maxpagesize=10000', { skip: 1_000_000, top: 100_000, maxpagesize: 10_000 }],
  ])('reads %s', (text, values) => {
    expect(parseQuery(text)).toStrictEqual({ ...plain, ...values });
  });

  it('lets the keys of the host through, in any letter case and number', () => {
    expect(parseQuery('code=a&CODE=b&clientId=c&ClientID=&top=1')).toStrictEqual({ ...plain, top: 1 });
  });

  it('says what is allowed', () => {
    expect(findProblems('view=tall')).toStrictEqual([
      { parameter: 'view', code: 'InvalidParameter', detail: 'expected full or flat', allowed: ['full', 'flat'] },
    ]);
    expect(findProblems('a=1', ['api-version'])).toMatchObject([{ allowed: ['api-version'] }]);
  });

  it('takes only the parameters of the route', () => {
    expect(findProblems('api-version=2026-11-01&top=1', ['api-version'])).toMatchObject([
      { parameter: 'top', code: 'UnknownParameter' },
    ]);
  });

  it('names the first 20 of 1900 unknown parameters, and every known one', () => {
    const names = Array.from({ length: 1900 }, (_, position) => `${'minTotalCosts'.repeat(4)}${position}`);
    const text = `${names.join('&')}&top=x`;
    expect(findProblems(text)).toHaveLength(21);
  });
});
