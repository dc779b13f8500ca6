import { describe, expect, it } from 'vitest';
import { problemCodesOf, problemsOf, queryOf } from './queries.ts';

const plain = { 'api-version': '2026-11-01', view: 'full', format: 'json', skip: 0, maxpagesize: 1000 };
const id = 'aaaaaaaa-0000-4000-8000-00000000000F';

describe('parseUsageQuery', () => {
  it('gives the defaults when nothing is asked', () => {
    expect(queryOf('')).toStrictEqual(plain);
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
    expect(queryOf(text)).toStrictEqual({ ...plain, ...values });
  });

  it('lets the keys of the host through, in any letter case and number', () => {
    expect(queryOf('code=a&CODE=b&clientId=c&ClientID=&top=1')).toStrictEqual({ ...plain, top: 1 });
  });

  it.each([
    ['api-version=2020-01-01', 'api-version UnsupportedApiVersionValue'],
    ['view=tall', 'view InvalidParameter'],
    ['format=xml', 'format InvalidParameter'],
    ['minPercentUsed=-1', 'minPercentUsed InvalidParameter'],
    ['minPercentUsed=1e2', 'minPercentUsed InvalidParameter'],
    ['minPercentUsed=1.00000', 'minPercentUsed InvalidParameter'],
    ['maxPercentUsed=1000000.1', 'maxPercentUsed InvalidParameter'],
    ['maxPercentUsed=NaN', 'maxPercentUsed InvalidParameter'],
    ['hasBudget=True', 'hasBudget InvalidParameter'],
    ['isUpgraded=1', 'isUpgraded InvalidParameter'],
    ['currencyCode=sek', 'currencyCode InvalidParameter'],
    ['currencyCode=SEK,', 'currencyCode InvalidParameter'],
    [
      'currencyCode=AAA,AAB,AAC,AAD,AAE,AAF,AAG,AAH,AAI,AAJ,AAK,AAL,AAM,AAN,AAO,AAP,AAQ,AAR,AAS,AAT,AAU',
      'currencyCode InvalidParameter',
    ],
    ['currencyCode=SEK&minTotalCost=1000000000.1', 'minTotalCost InvalidParameter'],
    ['minUsdTotalCost=0x10', 'minUsdTotalCost InvalidParameter'],
    ['customerId=aaaaaaaa00004000800000000000000f', 'customerId InvalidParameter'],
    ['search=%20'.replace('%20', 'x'.repeat(101)), 'search InvalidParameter'],
    ['modifiedSince=2026-11-20', 'modifiedSince InvalidParameter'],
    ['modifiedSince=2026-11-20T02:00:00.1234Z', 'modifiedSince InvalidParameter'],
    ['modifiedSince=2026-02-30T02:00:00Z', 'modifiedSince InvalidParameter'],
    ['modifiedSince=2026-11-20T02:00:00.001Z', 'modifiedSince InvalidParameter'],
    ['orderby=percentused', 'orderby InvalidOrderBy'],
    ['orderby=percentUsed down', 'orderby InvalidOrderBy'],
    ['orderby=percentUsed desc asc', 'orderby InvalidOrderBy'],
    ['orderby=percentUsed,', 'orderby InvalidOrderBy'],
    ['orderby=percentUsed,percentUsed desc', 'orderby InvalidOrderBy'],
    ['orderby=percentUsed,usdTotalCost,customerName,budgetAmount', 'orderby InvalidOrderBy'],
    ['orderby=totalCost', 'orderby CurrencyRequired'],
    ['orderby=totalCost&currencyCode=none', 'orderby CurrencyRequired'],
    ['minTotalCost=1', 'minTotalCost CurrencyRequired'],
    ['maxTotalCost=1&currencyCode=SEK,GBP', 'maxTotalCost CurrencyRequired'],
    ['minPercentUsed=80.1&maxPercentUsed=80', 'minPercentUsed InvalidRange'],
    ['minTotalCost=1&maxTotalCost=0&currencyCode=SEK', 'minTotalCost InvalidRange'],
    ['minUsdTotalCost=1&maxUsdTotalCost=0', 'minUsdTotalCost InvalidRange'],
    ['skip=-1', 'skip InvalidParameter'],
    ['skip=1000001', 'skip InvalidParameter'],
    ['top=0', 'top InvalidParameter'],
    ['top=1.5', 'top InvalidParameter'],
    ['maxpagesize=10001', 'maxpagesize InvalidParameter'],
    ['cursor=abc', 'cursor InvalidCursor'],
    ['cursor=AAAAAAAAAAAAAAAAAAAAAA', 'cursor InvalidCursor'],
    ['top=', 'top InvalidParameter'],
    ['top=1&top=1', 'top DuplicateParameter'],
    ['top=1&TOP=1', 'top DuplicateParameter'],
    ['Top=1', 'Top UnknownParameter'],
    ['$top=1', '$top UnknownParameter'],
    ['=1', ' UnknownParameter'],
  ])('refuses %s', (text, problem) => {
    expect(problemCodesOf(text)).toStrictEqual([problem]);
  });

  it('names every mistake of a request at once', () => {
    expect(
      problemCodesOf(
        'filter=a&minPercentUsed=x&hasBudget=&top=1&top=2&orderby=price&minUsdTotalCost=2&maxUsdTotalCost=1&minTotalCost=1',
      ),
    ).toStrictEqual([
      'filter UnknownParameter',
      'top DuplicateParameter',
      'hasBudget InvalidParameter',
      'minPercentUsed InvalidParameter',
      'orderby InvalidOrderBy',
      'minUsdTotalCost InvalidRange',
      'minTotalCost CurrencyRequired',
    ]);
  });

  it('does not ask for a currency that was given wrongly', () => {
    expect(problemCodesOf('currencyCode=sek&minTotalCost=1')).toStrictEqual(['currencyCode InvalidParameter']);
  });

  it('names the parameter that was probably meant', () => {
    expect(problemsOf('minPercentUse=1')).toMatchObject([
      { detail: expect.stringContaining('did you mean `minPercentUsed`?') },
    ]);
    expect(problemsOf('xyz=1')).toMatchObject([{ detail: 'unknown parameter' }]);
  });

  it('says what is allowed', () => {
    expect(problemsOf('view=tall')).toStrictEqual([
      { parameter: 'view', code: 'InvalidParameter', detail: 'expected full or flat', allowed: ['full', 'flat'] },
    ]);
    expect(problemsOf('a=1', ['api-version'])).toMatchObject([{ allowed: ['api-version'] }]);
  });

  it('takes only the parameters of the route', () => {
    expect(problemsOf('api-version=2026-11-01&top=1', ['api-version'])).toMatchObject([
      { parameter: 'top', code: 'UnknownParameter' },
    ]);
  });

  it('guesses that a blank in a date-time was a plus', () => {
    expect(problemsOf('modifiedSince=2026-11-20T02:00:00+01:00')).toMatchObject([
      { detail: expect.stringContaining('%2B') },
    ]);
    expect(problemsOf('modifiedSince=yesterday')).toMatchObject([{ detail: expect.not.stringContaining('%2B') }]);
  });

  it('answers a flood of strange names in a few lines', () => {
    const flood = Array.from({ length: 1000 }, (_, index) => `${'x'.repeat(200)}${index}=1`).join('&');
    const problems = problemsOf(flood);
    expect(problems).toHaveLength(20);
    expect(problems[0]?.parameter).toHaveLength(64);
  });

  it('names the first 20 of 1900 unknown parameters, and every known one', () => {
    const names = Array.from({ length: 1900 }, (_, position) => `${'minTotalCosts'.repeat(4)}${position}`);
    const text = `${names.join('&')}&top=x`;
    expect(problemsOf(text)).toHaveLength(21);
  });
});
