import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { renderCsv } from '../../shared/views/csv.ts';
import type { CsvSeparator } from '../../shared/views/csv.ts';
import { renderFlatCsv } from '../../shared/views/flat-csv.ts';
import { flatFields, getFlatColumns } from '../../shared/views/flat-fields.ts';
import { readFlatRows } from '../../shared/views/flat-row.ts';
import { knownRecords } from '../support/lists/known-records.ts';
import type { KnownRecord } from '../support/lists/known-records.ts';
import { snapshotOfLines } from '../snapshot/records.ts';

const limits = { warningPercent: 80, overPercent: 100 };

function csvOfLines(lines: readonly string[], separator?: CsvSeparator, fields = flatFields): string {
  const rows = Uint32Array.from(lines, (_, row) => row);
  return joinPieces(renderFlatCsv(snapshotOfLines(lines), rows, { fields, limits, separator }));
}

function joinPieces(pieces: Iterable<string | Buffer>): string {
  return Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece))).toString();
}

function lineOf(name: string): string {
  return JSON.stringify({
    percentUsed: 0,
    isUpgraded: true,
    id: 'a',
    name,
    totalCost: 1,
    lastModifiedDate: '2026-11-16T00:00:00Z',
  });
}

/** The cells as an independent reader sees them; it refuses lines of unequal length and loose quotes. */
function cellsIn(csv: string, delimiter: string): string[][] {
  return parse(csv, { bom: true, delimiter, record_delimiter: '\r\n' });
}

/** What stands in the cells of fields that upstream fills. */
function cellsOf(known: KnownRecord): Record<string, string> {
  const isFormula = '=+-@＝＋－＠\t\r\n\0'.includes(known.name.slice(0, 1)) && known.name !== '';
  return {
    customerId: known.id,
    customerName: isFormula ? `'${known.name}` : known.name,
    hasBudget: String(known.budget !== undefined),
    budgetAmount: known.budget ?? '',
    percentUsed: known.budget === undefined ? '' : known.percentUsed,
    totalCost: known.totalCost,
    totalCostText: known.totalCost,
    currencyCode: known.currencyCode ?? '',
    usdTotalCost: known.isUpgraded ? (known.usdTotalCost ?? '') : '',
    isUpgraded: String(known.isUpgraded),
    lastModifiedDate: known.lastModifiedDate,
  };
}

describe('renderFlatCsv', () => {
  const thousand = knownRecords(1000);
  const tenThousand = Array.from({ length: 10 }, () => thousand).flat();

  it('writes a byte-order mark, a header, CR LF and only the quotes that are needed', () => {
    expect(csvOfLines([lineOf('Contoso')], 'semicolon')).toBe(
      '\uFEFFcustomerId;customerName;period;hasBudget;budgetAmount;percentUsed;totalCost;totalCostText;currencyCode;usdTotalCost;isUpgraded;' +
        'lastModifiedDate;pacePercent;projectedMonthEndCost;forecastConfidence;budgetStatus\r\n' +
        'a;Contoso;2026-11;false;;;1;1;;;true;2026-11-16T00:00:00Z;;2;high;none\r\n',
    );
  });

  it('writes the header alone for no rows', () => {
    expect(csvOfLines([], 'tab', ['customerId', 'totalCost'])).toBe('\uFEFFcustomerId\ttotalCost\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '"\'\t=1"'],
    ['\r=1', '"\'\r=1"'],
    ['\n=1', '"\'\n=1"'],
    ['\0=1', "'\0=1"],
    ['＝1+1', "'＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠SUM(A1)', "'＠SUM(A1)"],
    ['a=1', 'a=1'],
    ["'=1", "'=1"],
    ['a"b', '"a""b"'],
    ['a,b', '"a,b"'],
    ['a;b', '"a;b"'],
    ['a\nb', '"a\nb"'],
    [' a', '" a"'],
    ['a ', '"a "'],
    ['😀 שלום', '😀 שלום'],
    ['Ægir 東京', 'Ægir 東京'],
    ['東京, Ægir', '"東京, Ægir"'],
    ['あ', 'あ'],
    ['\u00a0a', '"\u00a0a"'],
    ['a\u3000', '"a\u3000"'],
    ['\ufeffa\u2028', '"\ufeffa\u2028"'],
    ['', ''],
  ])('writes the name %j as %j', (name, cell) => {
    expect(csvOfLines([lineOf(name)], 'tab', ['customerName'])).toBe(`\uFEFFcustomerName\r\n${cell}\r\n`);
  });

  it('guards every text that Partner Center wrote, and no number', () => {
    const line =
      '{"budget":{"amount":-2},"percentUsed":-50,"isUpgraded":true,"resourceId":"=a","totalCost":-1,"currencyCode":"＋b","usdTotalCost":-1,"lastModifiedDate":"2026-11-16T00:00:00Z"}';
    const fields = ['customerId', 'budgetAmount', 'totalCost', 'totalCostText', 'currencyCode'] as const;
    expect(csvOfLines([line], 'comma', fields)).toBe(`\uFEFF${fields.join(',')}\r\n'=a,-2,-1,-1,'＋b\r\n`);
  });

  it.each([
    ['A5E7-B', 'a5e7-b'],
    ['É1', 'é1'],
    ['a,b', '"a,b"'],
    ['=A', "'=a"],
    ['', 'b'],
  ])('writes the customer id %j in lower case as %j', (resourceId, cell) => {
    const line = JSON.stringify({ isUpgraded: true, resourceId, id: 'B', totalCost: 1 });
    expect(csvOfLines([line], 'tab', ['customerId'])).toBe(`\uFEFFcustomerId\r\n${cell}\r\n`);
  });

  it('writes a date as it is meant when it is written with escapes', () => {
    const line = lineOf('a').replace('16T', '16\\u0054');
    expect(csvOfLines([line], 'tab', ['lastModifiedDate'])).toBe('\uFEFFlastModifiedDate\r\n2026-11-16T00:00:00Z\r\n');
  });

  it.each([
    [100, 80, '160', '0.02'],
    [0.5, 80, '160', '0'],
    [3, 28.08, '56.16', '0.1'],
    [20, 602.84, '1205.68', '999999999999999.9'],
    [-20, -1, '-2', '-2.02'],
    [20, 1e20, '200000000000000000000', '2e+25'],
  ])(
    'writes forecasts of budget %d and %d%% as numbers of two decimals at most',
    (amount, percentUsed, pace, projected) => {
      const totalCost = Number(projected) / 2;
      const lastModifiedDate = '2026-11-16T00:00:00Z';
      const line = JSON.stringify({
        budget: { amount },
        percentUsed,
        isUpgraded: true,
        id: 'a',
        totalCost,
        lastModifiedDate,
      });
      expect(csvOfLines([line], 'tab', ['pacePercent', 'projectedMonthEndCost'])).toBe(
        `\uFEFFpacePercent\tprojectedMonthEndCost\r\n${pace}\t${projected}\r\n`,
      );
    },
  );

  it('writes what renderCsv writes of the same rows, whatever the fields', () => {
    const lines = tenThousand.map(({ line }) => line);
    const snapshot = snapshotOfLines(lines);
    const rows = Uint32Array.from(lines, (_, row) => lines.length - 1 - row);
    for (const fields of [flatFields, ['budgetStatus', 'customerName'] as const]) {
      const expected = renderCsv(readFlatRows(snapshot, rows, limits), getFlatColumns(fields), 'semicolon');
      const written = renderFlatCsv(snapshot, rows, { fields, limits, separator: 'semicolon' });
      expect(joinPieces(written)).toBe(joinPieces(expected));
    }
  });

  it.each([
    ['comma', ',', tenThousand],
    ['semicolon', ';', thousand],
    ['tab', '\t', thousand],
  ] as const)('is read back cell by cell, hostile rows with a %s between', (separator, sign, records) => {
    const csv = csvOfLines(
      records.map(({ line }) => line),
      separator,
    );
    const [header = [], ...rows] = cellsIn(csv, sign);
    expect(header).toStrictEqual([...flatFields]);
    expect(rows).toHaveLength(records.length);
    const read = rows.map((cells) => Object.fromEntries(cells.map((cell, column) => [header[column], cell])));
    expect(read.map((cells, row) => ({ ...cells, ...cellsOf(records[row] ?? nothing) }))).toStrictEqual(read);
    expect(rows.filter((cells) => cells.length !== flatFields.length)).toStrictEqual([]);
  });
});

const nothing: KnownRecord = {
  line: '',
  id: '',
  name: '',
  isUpgraded: false,
  budget: undefined,
  percentUsed: '',
  totalCost: '',
  usdTotalCost: undefined,
  currencyCode: undefined,
  currencyLocale: undefined,
  lastModifiedDate: '',
};
