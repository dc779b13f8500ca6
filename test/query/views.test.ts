import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../shared/errors.ts';
import { flatFields } from '../../shared/views/flat-fields.ts';
import { formatQuery, parseUsageQuery } from '../../shared/query/usage-query.ts';
import type { Format } from '../../shared/query/parameters.ts';

const now = Date.parse('2026-11-20T02:00:00Z');

function parse(text: string, preferred: Format = 'json') {
  return parseUsageQuery(new URLSearchParams(text), { now, acceptedFormats: [preferred] });
}

function formatOf(text: string, acceptedFormats: readonly Format[]): Format {
  return parseUsageQuery(new URLSearchParams(text), { now, acceptedFormats }).format;
}

function problemsOf(text: string, preferred: Format = 'json'): string[] {
  try {
    parse(text, preferred);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.refusal.kind !== 'InvalidRequest') throw error;
    return error.refusal.problems.map(({ parameter, code }) => `${parameter} ${code}`);
  }
  return [];
}

describe('parseUsageQuery', () => {
  it.each([
    ['', 'json', { view: 'full', format: 'json', maxpagesize: 1000 }],
    ['view=flat', 'json', { view: 'flat', format: 'json', maxpagesize: 1000 }],
    ['format=csv', 'json', { view: 'flat', format: 'csv', csvSeparator: 'comma' }],
    ['', 'csv', { view: 'flat', format: 'csv', csvSeparator: 'comma' }],
    ['format=json', 'csv', { view: 'full', format: 'json', maxpagesize: 1000 }],
    ['maxpagesize=5', 'csv', { view: 'flat', format: 'csv', maxpagesize: 5 }],
  ] as const)('of %j, when %s is preferred, makes %o', (text, preferred, expected) => {
    expect(parse(text, preferred)).toMatchObject(expected);
  });

  it('gives CSV all rows unless told', () => {
    expect(parse('format=csv').maxpagesize).toBeUndefined();
  });

  it('takes what the caller accepts only where the format is not given, and offers no CSV of full records', () => {
    expect(formatOf('format=csv', [])).toBe('csv');
    expect(formatOf('format=json', ['csv'])).toBe('json');
    expect(formatOf('view=full', ['csv', 'json'])).toBe('json');
    expect(formatOf('view=flat', ['csv', 'json'])).toBe('csv');
    expect(() => formatOf('view=full', ['csv'])).toThrow(
      expect.objectContaining({
        refusal: { kind: 'NotAcceptable', header: 'Accept', available: ['application/json'] },
      }),
    );
    expect(() => formatOf('', [])).toThrow(
      expect.objectContaining({
        refusal: { kind: 'NotAcceptable', header: 'Accept', available: ['application/json', 'text/csv'] },
      }),
    );
  });

  it.each([
    ['view=full&format=json&maxpagesize=1000', 'json', ''],
    ['view=flat', 'json', 'view=flat'],
    ['csvSeparator=comma&view=flat', 'csv', 'format=csv'],
    ['format=csv&csvSeparator=tab&maxpagesize=1000', 'json', 'format=csv&csvSeparator=tab&maxpagesize=1000'],
    ['view=flat&select=totalCost, customerId,totalCost', 'json', 'view=flat&select=customerId%2CtotalCost'],
    ['projectedOverBudget=true', 'csv', 'format=csv&projectedOverBudget=true'],
  ] as const)('writes %s under %s as %j', (text, preferred, canonical) => {
    expect(formatQuery(parse(text, preferred))).toBe(canonical);
  });

  it('selects every field in the order of a flat row', () => {
    expect(parse(`view=flat&select=${flatFields.toReversed().join(',')}`).select).toStrictEqual(flatFields);
  });

  it.each([
    ['view=full&format=csv', ['view InvalidParameter']],
    ['view=flta&select=customerId', ['view InvalidParameter']],
    ['format=xml&projectedOverBudget=true', ['format InvalidParameter']],
    ['select=customerId', ['select InvalidSelect']],
    ['view=flat&select=customerid', ['select InvalidSelect']],
    ['view=flat&select=customerId,', ['select InvalidSelect']],
    ['view=flat&select=toString', ['select InvalidSelect']],
    ['projectedOverBudget=false', ['projectedOverBudget InvalidParameter']],
    ['view=flat&csvSeparator=tab', ['csvSeparator InvalidParameter']],
    ['format=csv&csvSeparator=pipe', ['csvSeparator InvalidParameter']],
    [
      'view=full&select=customerId&projectedOverBudget=true&csvSeparator=tab',
      ['csvSeparator InvalidParameter', 'select InvalidSelect', 'projectedOverBudget InvalidParameter'],
    ],
    ['orderby=projectedMonthEndCost', ['orderby CurrencyRequired']],
    ['orderby=projectedMonthEndCost&currencyCode=SEK,GBP', ['orderby CurrencyRequired']],
    ['orderby=projectedMonthEndCost&currencyCode=SEK', []],
    ['orderby=pacePercent desc', []],
  ])('of %s says %j', (text, problems) => {
    expect(problemsOf(text)).toStrictEqual(problems);
  });

  it('names the fields to select from', () => {
    expect(() => parse('view=flat&select=x')).toThrow(
      expect.objectContaining({
        refusal: {
          kind: 'InvalidRequest',
          problems: [expect.objectContaining({ parameter: 'select', allowed: flatFields })],
        },
      }),
    );
  });

  it('takes CSV that only Accept asks for as flat', () => {
    expect(problemsOf('select=customerId&csvSeparator=tab&projectedOverBudget=true', 'csv')).toStrictEqual([]);
  });
});
