import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { scannedRecord } from '../../shared/snapshot/columns.ts';
import { readFigure, readText } from '../../shared/snapshot/record-values.ts';
import { knownRecord } from '../support/lists/known-records.ts';
import { jsonText } from '../query/pages.ts';
import { snapshotOfLines } from './records.ts';

const rest = '"isUpgraded":true,"lastModifiedDate":"2026-11-20T05:08:11.1433333+00:00"';
const plain = `"resourceId":"a","percentUsed":602.84,"totalCost":120.5682999999995904716,${rest}`;

function textsOf(line: string) {
  const first = '{"resourceId":"first","percentUsed":1,"totalCost":1,'.concat(rest, '}');
  const record = scannedRecord(snapshotOfLines([first, line]), 1);
  return {
    budgetAmount: readFigure(record, 'amount'),
    percentUsed: readFigure(record, 'percentUsed'),
    totalCost: readFigure(record, 'totalCost'),
    usdTotalCost: readFigure(record, 'usdTotalCost'),
    currencyLocale: readText(record, 'currencyLocale') ?? '',
    lastModifiedDate: readText(record, 'lastModifiedDate') ?? '',
  };
}

describe('readFigure and readText', () => {
  it('cuts every text of a record as Partner Center wrote it', () => {
    const line = `{"budget":{"amount":20.50,"attributes":{}},${plain},"usdTotalCost":12.39999999999999985235,"currencyLocale":"fr-FR"}`;
    expect(textsOf(line)).toStrictEqual({
      budgetAmount: '20.50',
      percentUsed: '602.84',
      totalCost: '120.5682999999995904716',
      usdTotalCost: '12.39999999999999985235',
      currencyLocale: 'fr-FR',
      lastModifiedDate: '2026-11-20T05:08:11.1433333+00:00',
    });
  });

  it.each([
    ['no budget', `{${plain}}`, { budgetAmount: '' }],
    ['an amount before its budget', `{"amount":7,"budget":{},${plain}}`, { budgetAmount: '' }],
    ['an amount behind its budget', `{"budget":{},"amount":7,${plain}}`, { budgetAmount: '' }],
    ['a null budget', `{"budget":null,${plain}}`, { budgetAmount: '' }],
    ['a null amount', `{"budget":{"amount":null},${plain}}`, { budgetAmount: '' }],
    ['an empty budget', `{"budget":{},${plain}}`, { budgetAmount: '' }],
    [
      'a budget given twice',
      `{"budget":{"amount":1},"budget":{"amount":2,"amount":3},${plain}}`,
      { budgetAmount: '3' },
    ],
    ['a budget taken back', `{"budget":{"amount":1},"budget":{},${plain}}`, { budgetAmount: '' }],
    ['escaped keys', `{${plain.replace('totalCost', 't\\u006ftalCost')}}`, { totalCost: '120.5682999999995904716' }],
    ['other escaped keys', `{"\\u0041":1,"t\\\\otalCost":2,${plain}}`, { totalCost: '120.5682999999995904716' }],
    ['escaped texts', `{${plain},"currencyLocale":"\\u00e9\\\\\\""}`, { currencyLocale: 'é\\"' }],
    ['texts beyond ASCII', `{${plain},"currencyLocale":"é😀"}`, { currencyLocale: 'é😀' }],
    ['keys of equal length', `{"isUpgradxd":1,"totalCosT":5,${plain}}`, { totalCost: '120.5682999999995904716' }],
  ])('reads a record with %s', (_, line, expected) => {
    expect(textsOf(line)).toMatchObject(expected);
  });

  test.prop([knownRecord])('gives the digits a record was made of', (known) => {
    expect(textsOf(known.line)).toStrictEqual({
      budgetAmount: known.budget ?? '',
      percentUsed: known.percentUsed,
      totalCost: known.totalCost,
      usdTotalCost: known.usdTotalCost ?? '',
      currencyLocale: known.currencyLocale ?? '',
      lastModifiedDate: known.lastModifiedDate,
    });
  });

  test.prop([fc.array(jsonText, { maxLength: 3 }), fc.array(jsonText, { maxLength: 3 })])(
    'passes over any other members',
    (before, after) => {
      const line = `{${membersOf(before)}"totalCost":1.10,${membersOf(after)}"resourceId":"a","percentUsed":0,${rest}}`;
      expect(textsOf(line)).toMatchObject({ totalCost: '1.10', percentUsed: '0', budgetAmount: '' });
    },
  );
});

function membersOf(texts: readonly string[]): string {
  return texts.map((text, index) => `"x${index}":${text.replaceAll('\n', ' ')},`).join('');
}
