import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parameterNotes, usageParameters } from '../../shared/query/parameters.ts';
import { formatQueryWithoutCursor, formatQuery } from '../../shared/query/usage-query.ts';
import { now, parseQuery } from './queries.ts';

const query = fc
  .record(
    {
      'api-version': fc.constant('2026-11-01'),
      minPercentUsed: fc.constantFrom('0', '00.10', '80.5'),
      maxPercentUsed: fc.constantFrom('100', '1000000.0'),
      hasBudget: fc.constantFrom('true', 'false'),
      isUpgraded: fc.constantFrom('true', 'false'),
      currencyCode: fc.constantFrom('SEK', 'SEK, SEK'),
      minTotalCost: fc.constantFrom('-0', '-12.5000'),
      minUsdTotalCost: fc.constantFrom('0.0001', '7'),
      customerId: fc.array(fc.uuid(), { minLength: 1, maxLength: 3 }).map((ids) => ids.join(' ,').toUpperCase()),
      search: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }).filter((text) => text.isWellFormed()),
      modifiedSince: fc
        .date({ min: new Date(0), max: new Date(now), noInvalidDate: true })
        .map((date) => date.toISOString().replace('Z', '+00:00')),
      orderby: fc.constantFrom('percentUsed', 'customerName asc', 'usdTotalCost  desc , totalCost'),
      skip: fc.constantFrom('0', '007'),
      top: fc.constantFrom('1', '50'),
      maxpagesize: fc.constantFrom('1000', '10'),
    },
    { requiredKeys: ['currencyCode'] },
  )
  .map((parameters) => new URLSearchParams(parameters).toString());

describe('formatQueryWithoutCursor', () => {
  it.each([
    ['', ''],
    ['maxpagesize=1000&skip=0&view=full&format=json&api-version=2026-11-01', ''],
    ['top=050&minPercentUsed=80.50', 'minPercentUsed=80.5&top=50'],
    ['currencyCode=SEK,GBP,SEK&search=ACME', 'currencyCode=GBP%2CSEK&search=acme'],
    ['orderby=customerName%20asc,%20percentUsed%20desc', 'orderby=customerName%2CpercentUsed+desc'],
    ['modifiedSince=2026-11-20T03:00:00%2B01:00', 'modifiedSince=2026-11-20T02%3A00%3A00.000Z'],
  ])('writes %j as %j', (text, canonical) => {
    expect(formatQueryWithoutCursor(parseQuery(text))).toBe(canonical);
  });

  test.prop([query])('writes a query that reads back the same and is written the same again', (text) => {
    const asked = parseQuery(text);
    expect(parseQuery(formatQueryWithoutCursor(asked))).toStrictEqual(asked);
    expect(formatQueryWithoutCursor(parseQuery(formatQueryWithoutCursor(asked)))).toBe(formatQueryWithoutCursor(asked));
  });
});

describe('formatQuery', () => {
  it('holds the place in the pages, which the canonical query does not', () => {
    const cursor = { snapshot: '0123456789abcdef', position: 7, checksum: 1 };
    const asked = { ...parseQuery('top=9'), cursor };
    expect(formatQuery(asked)).toBe('top=9&cursor=ASNFZ4mrze8AAAAHAAAAAQ');
    expect(formatQueryWithoutCursor(asked)).toBe('top=9');
  });
});

describe('usageParameters', () => {
  it('says of every parameter what it is for and what it takes', () => {
    const schema = z.toJSONSchema(usageParameters, { metadata: parameterNotes });
    for (const parameter of Object.values(schema.properties ?? {})) {
      expect(parameter).toMatchObject({ description: expect.any(String), type: expect.any(String) });
    }
    expect(schema.properties).toMatchObject({
      minPercentUsed: { type: 'number', minimum: 0, maximum: 1_000_000 },
      hasBudget: { type: 'boolean' },
      currencyCode: { type: 'array', maxItems: 20 },
      search: { type: 'string', maxLength: 100 },
      maxpagesize: { type: 'integer', minimum: 1, maximum: 10_000 },
    });
  });
});
