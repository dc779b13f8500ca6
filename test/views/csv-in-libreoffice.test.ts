import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { renderFlatCsv } from '../../shared/views/flat-csv.ts';
import { flatFields } from '../../shared/views/flat-fields.ts';
import { snapshotOfLines } from '../snapshot/records.ts';
import { office, passThroughOffice } from '../support/commands/spreadsheet.ts';
import { knownRecords } from '../support/lists/known-records.ts';

it.skipIf(office === '')(
  'CSV keeps names and amounts through LibreOffice',
  async () => {
    const records = knownRecords(1000).filter(({ name }) => isXmlText(name));
    const rows = Uint32Array.from(records, (_, row) => row);
    const limits = { warningPercent: 80, overPercent: 100 };
    const pieces = renderFlatCsv(snapshotOfLines(records.map(({ line }) => line)), rows, {
      fields: flatFields,
      limits,
    });
    const csv = Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece))).toString();
    const back: string[][] = parse(await passThroughOffice(csv, flatFields.length), {
      bom: true,
      record_delimiter: '\n',
    });
    const [header = [], ...read] = back;
    expect(header).toStrictEqual([...flatFields]);
    const compared = ['customerName', 'totalCost', 'budgetAmount'].map((name) => header.indexOf(name));
    expect(read.map((cells) => compared.map((column) => tidied(cells[column] ?? '')))).toStrictEqual(
      records.map(({ name, totalCost, budget }) => [tidied(name), tidied(totalCost), tidied(budget ?? '')]),
    );
  },
  180_000,
);

/** Whether a spreadsheet's file format, which is XML, can hold the text. */
function isXmlText(text: string): boolean {
  return Array.from(text).every((letter) => letter >= ' ' || '\t\n\r'.includes(letter)) && !/[\ufffe\uffff]/.test(text);
}

/** A spreadsheet has one kind of line break, and may take the apostrophe in front for its own. */
function tidied(text: string): string {
  return text.replace(/^'+/, '').replaceAll(/\s+/g, ' ').trim();
}
