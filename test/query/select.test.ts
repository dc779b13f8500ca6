import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { foldCase } from '../../shared/snapshot/case-fold.ts';
import { selectRows } from '../../shared/query/select.ts';
import { parseQuery } from './queries.ts';
import { documentedLines, snapshotOfLines, snapshotOfRecords, testRecords } from '../snapshot/records.ts';
import type { TestRecord } from '../snapshot/records.ts';

const documented = snapshotOfLines(documentedLines);

describe('selectRows', () => {
  it.each([
    ['', [0, 1, 2, 3]],
    ['minPercentUsed=0', [1, 3]],
    ['maxPercentUsed=100', [3]],
    ['minPercentUsed=28.08&maxPercentUsed=602.84', [1, 3]],
    ['hasBudget=true', [1, 3]],
    ['hasBudget=false', [0, 2]],
    ['isUpgraded=false', [0]],
    ['currencyCode=SEK', [1]],
    ['currencyCode=none,SEK', [0, 1]],
    ['currencyCode=GBP,USD', [2, 3]],
    ['currencyCode=USD', []],
    ['currencyCode=GBP&minTotalCost=0', [2, 3]],
    ['currencyCode=GBP&maxTotalCost=27.2329', [2]],
    ['minUsdTotalCost=0', [1, 2, 3]],
    ['maxUsdTotalCost=12.4', [1, 2]],
    ['customerId=81b08b1a-3d5f-4f6c-9e0b-5a5e7f4a0001,11111111-0000-4000-8000-000000000000', [0]],
    ['search=azure%20customer', [0, 1, 3]],
    ['search=%5f', [2]],
    ['modifiedSince=2019-08-01T23:00:16.57Z', [0, 1, 2, 3]],
    ['modifiedSince=2019-08-01T23:00:16.571Z', [1, 2, 3]],
    ['hasBudget=true&currencyCode=GBP&search=uk', [3]],
  ])('finds with %j the rows %j', (text, rows) => {
    expect([...selectRows(documented, parseQuery(text))]).toStrictEqual(rows);
  });

  it('finds a record with an unreadable currency by no currency, and not as one without', () => {
    const [, line = ''] = documentedLines;
    const snapshot = snapshotOfLines(['"SEK"', '"EUR"', '"USD"', '7'].map((code) => line.replace('"SEK"', code)));
    expect([...selectRows(snapshot, parseQuery('currencyCode=USD'))]).toEqual([2]);
    expect([...selectRows(snapshot, parseQuery('currencyCode=none,SEK,EUR'))]).toEqual([0, 1]);
  });

  const terms = fc.record(
    {
      minPercentUsed: fc.constantFrom('0', '80', '100'),
      maxPercentUsed: fc.constantFrom('100', '500'),
      hasBudget: fc.constantFrom('true', 'false'),
      isUpgraded: fc.constantFrom('true', 'false'),
      currencyCode: fc.constantFrom('SEK', 'none', 'GBP,SEK', 'GBP,USD,none'),
      minUsdTotalCost: fc.constantFrom('-3', '0'),
      maxUsdTotalCost: fc.constantFrom('80', '500.5'),
      customerId: fc.constantFrom('AAAAAAAA-0000-4000-8000-000000000001', 'dddddddd-0000-4000-8000-000000000004'),
      search: fc.constantFrom('contoso', 'SS', 'acme', 'ο', '1'),
      modifiedSince: fc.constantFrom('2026-11-02T10:00:00.123Z', '2026-11-02T12:00:00+02:00'),
    },
    { requiredKeys: [] },
  );

  test.prop([testRecords, terms], { numRuns: 500 })(
    'keeps what a model over the parsed records keeps, in their order',
    (records, parameters) => {
      const rows = selectRows(snapshotOfRecords(records), parseQuery(new URLSearchParams(parameters).toString()));
      const expected = [...records.keys()].filter((row) =>
        records.slice(row, row + 1).some((record) => matches(record, parameters)),
      );
      expect([...rows]).toStrictEqual(expected);
    },
  );
});

/** The table of the parameters read once more, over parsed records. */
function matches(record: TestRecord, parameters: Readonly<Record<string, string>>): boolean {
  const amount = record.budget.amount ?? null;
  const usd = record.isUpgraded ? (record.usdTotalCost ?? null) : null;
  const zoned = /Z$|[+]/.test(record.lastModifiedDate) ? record.lastModifiedDate : `${record.lastModifiedDate}Z`;
  const tests: Record<string, (text: string) => boolean> = {
    minPercentUsed: (text) => amount !== null && record.percentUsed >= Number(text),
    maxPercentUsed: (text) => amount !== null && record.percentUsed <= Number(text),
    hasBudget: (text) => String(amount !== null) === text,
    isUpgraded: (text) => String(record.isUpgraded) === text,
    currencyCode: (text) => text.split(',').includes(record.currencyCode ?? 'none'),
    minUsdTotalCost: (text) => usd !== null && usd >= Number(text),
    maxUsdTotalCost: (text) => usd !== null && usd <= Number(text),
    customerId: (text) => record.resourceId.toLowerCase() === text.toLowerCase(),
    search: (text) => foldCase(record.resourceName ?? '').includes(foldCase(text)),
    modifiedSince: (text) => Date.parse(zoned) >= Date.parse(text),
  };
  return Object.entries(parameters).every(([name, text]) => tests[name]?.(text));
}
