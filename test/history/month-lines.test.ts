import { describe, expect, it } from 'vitest';
import { UnreadableBlobError } from '../../shared/errors.ts';
import { formatFigureLine, openBlock } from '../../shared/history/month-lines.ts';

const rows = '{"rows":[["a",true],["b",null]]}\n';
const day = '{"date":"2026-11-19","period":"2026-11"}\n';

const readAll = (text: string) => [...openBlock(text).readDays(() => true)];

describe('a block of a month', () => {
  it('gives every figure with its digits, and nothing for null', () => {
    const text = `${rows}${day}[0,120.5682999999995904716,602.84,20,"S\\"K"]\n[1,null,null,null,null,"2026-10"]\n`;
    expect(readAll(text)).toStrictEqual([
      {
        row: { customerId: 'a', isUpgraded: true },
        date: '2026-11-19',
        figures: {
          totalCost: '120.5682999999995904716',
          percentUsed: '602.84',
          budgetAmount: '20',
          currencyCode: 'S"K',
          period: '2026-11',
        },
      },
      {
        row: { customerId: 'b', isUpgraded: null },
        date: '2026-11-19',
        figures: { totalCost: '', percentUsed: '', budgetAmount: '', currencyCode: '', period: '2026-10' },
      },
    ]);
  });

  it('writes what is unknown as null', () => {
    const unknown = { totalCost: '', percentUsed: '', budgetAmount: '', currencyCode: '', period: '2026-10' };
    expect(formatFigureLine(7, unknown, { date: '2026-11-19', period: '2026-11' })).toBe(
      '[7,null,null,null,null,"2026-10"]\n',
    );
  });

  it.each([
    ['rows that are no list', '{"rows":3}\n'],
    ['a first line that is cut off', '{"rows":[["a"'],
    ['a day without a date', `${rows}{"period":"2026-11"}\n`],
    ['a line without a number', `${rows}${day}["a",1,2,3,"SEK"]\n`],
    ['a line with a member too few', `${rows}${day}[0,1,2,"SEK"]\n`],
    ['a currency with an unknown escape', `${rows}${day}[0,1,2,3,"S\\xK"]\n`],
    ['a last line that is cut off', `${rows}${day}[0,1,2,3,"SE`],
  ])('is damaged by %s', (_, text) => {
    expect(() => readAll(text)).toThrow(UnreadableBlobError);
  });
});
