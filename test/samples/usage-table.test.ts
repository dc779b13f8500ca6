import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { alignOnPoint, removeExponent, roundAmount } from '../../samples/amount-text.ts';
import { truncate, toPrintable, measureWidth } from '../../samples/display-text.ts';
import type { UsageRow } from '../../samples/usage-client.ts';
import { formatUsageFooter, formatUsageTable } from '../../samples/usage-table.ts';

const plain = { width: undefined, bars: 'ascii', colours: false, exact: false } as const;
const base: UsageRow = {
  customerId: '11111111-6fb9-4b05-8f15-b3d72e0596e6',
  customerName: 'Contoso',
  period: '2026-11',
  hasBudget: true,
  budgetAmount: '500',
  percentUsed: 84.11,
  totalCost: '420.5682999999995904716',
  totalCostText: '420.5682999999995904716',
  currencyCode: 'SEK',
  usdTotalCost: '44.1',
  isUpgraded: true,
  lastModifiedDate: '2026-11-19T23:59:11.1433333+00:00',
  pacePercent: 132.8,
  projectedMonthEndCost: '664.07',
  forecastConfidence: 'high',
  budgetStatus: 'warning',
};
const over: UsageRow = { ...base, customerName: '東京 GmbH', percentUsed: 602.84, budgetStatus: 'over' };
const none: UsageRow = {
  ...base,
  customerName: '',
  budgetAmount: null,
  percentUsed: null,
  totalCostText: '-0.001',
  currencyCode: '',
  pacePercent: null,
  budgetStatus: 'none',
};
const hostile: UsageRow = {
  ...base,
  customerName: 'A\u001B[31m\n\u202Egpj.exe\t👩‍👩‍👧 e\u0301 \uD800',
  percentUsed: 7,
  totalCostText: '1e2',
  forecastConfidence: 'low',
  budgetStatus: 'ok',
};
const rows = [base, over, none, hostile];

describe('formatUsageTable', () => {
  it('is plain text where there is no terminal, with harmless names', () => {
    expect(formatUsageTable(rows, plain)).toEqual([
      'Customer                                     Cost  Budget                   Used    Pace  Status',
      'Contoso                               420.57 SEK   500.00  ########..    84.11 %   133 %  warning',
      '東京 GmbH                             420.57 SEK   500.00  ##########>  602.84 %   133 %  over',
      '11111111-6fb9-4b05-8f15-b3d72e0596e6    0.00 none    -                         -       -  no budget',
      'A�[31m��gpj.exe�👩‍👩‍👧 e\u0301 �                100.00 SEK   500.00  ..........     7.00 %  ~133 %  ok',
    ]);
  });

  it('shows all digits on demand, points below each other', () => {
    expect(formatUsageTable([base, { ...none, customerName: 'Legacy' }], { ...plain, exact: true })).toEqual([
      'Customer                          Cost  Budget                  Used   Pace  Status',
      'Contoso   420.5682999999995904716 SEK      500  ########..   84.11 %  133 %  warning',
      'Legacy     -0.001                 none       -                     -      -  no budget',
    ]);
  });

  it('draws bars', () => {
    expect(formatUsageTable([base, over], { ...plain, bars: 'drawn', width: 80 })).toEqual([
      'Customer         Cost  Budget                   Used   Pace  Status',
      'Contoso    420.57 SEK  500.00  ████████░░    84.11 %  133 %  warning',
      '東京 GmbH  420.57 SEK  500.00  ██████████▶  602.84 %  133 %  over',
    ]);
  });

  it.each([
    [
      87,
      'Customer                             Cost  Budget                  Used   Pace  Status',
      'A customer whose name is lon…  420.57 SEK  500.00  ########..   84.11 %  133 %  warning',
    ],
    [
      76,
      'Customer                               Cost  Budget     Used   Pace  Status',
      'A customer whose name is long …  420.57 SEK  500.00  84.11 %  133 %  warning',
    ],
    [
      62,
      'Customer                        Cost  Budget     Used  Status',
      'A customer whose name i…  420.57 SEK  500.00  84.11 %  warning',
    ],
    [
      54,
      'Customer                        Cost     Used  Status',
      'A customer whose name i…  420.57 SEK  84.11 %  warning',
    ],
    [20, 'Customer        Cost     Used  Status', 'A custo…  420.57 SEK  84.11 %  warning'],
  ])('cuts names and leaves columns out at %s columns', (width, heading, line) => {
    const long = { ...base, customerName: 'A customer whose name is long enough to be cut' };
    expect(formatUsageTable([long], { ...plain, width })).toEqual([heading, line]);
  });

  it('cuts wide names at a whole character', () => {
    const [, line] = formatUsageTable([{ ...base, customerName: '東京'.repeat(20) }], { ...plain, width: 54 });
    expect(line).toBe('東京東京東京東京東京東…   420.57 SEK  84.11 %  warning');
  });

  it('colours bar and status by the budget status, and the heading bold', () => {
    expect(formatUsageTable([over], { ...plain, colours: true })).toEqual([
      '\u001B[1mCustomer         Cost  Budget                   Used   Pace  Status\u001B[22m',
      '東京 GmbH  420.57 SEK  500.00  \u001B[31m##########>\u001B[39m  602.84 %  133 %  \u001B[31mover  \u001B[39m',
    ]);
  });
});

describe('formatUsageFooter', () => {
  const snapshot = {
    period: '2026-11',
    fetchedAt: '2026-11-20T02:00:00.000Z',
    state: 'stale',
    recordCount: 250,
  } as const;

  it('says period, state, age and rows', () => {
    const page = { value: rows, totalCount: 4, snapshot };
    expect(formatUsageFooter(page, false, Date.parse('2026-11-20T03:59:59Z'))).toBe(
      '2026-11, stale, data 119 min old, 4 of 250 rows; estimated costs, rounded to 2 places (--exact: all digits)',
    );
  });

  it('says why there is nothing newer, and how many match', () => {
    const page = { value: rows, totalCount: 40, snapshot: { ...snapshot, reason: 'UpstreamThrottled' } };
    expect(formatUsageFooter(page, true, Date.parse('2026-11-20T05:00:00Z'))).toBe(
      '2026-11, stale (UpstreamThrottled), data 3 h old, 4 of 250 rows (40 match); estimated costs, all digits',
    );
  });

  it('says the day of a kept list', () => {
    const kept = { ...snapshot, asOf: '2026-11-20', state: 'historical' } as const;
    expect(formatUsageFooter({ value: rows, totalCount: 4, snapshot: kept }, true, Date.parse('2026-11-30'))).toBe(
      '2026-11-20, historical, data 9 days old, 4 of 250 rows; estimated costs, all digits',
    );
  });

  it('counts days when it is old, and nothing below zero', () => {
    const page = { value: rows, totalCount: 4, snapshot };
    expect(formatUsageFooter(page, true, Date.parse('2026-11-24T05:00:00Z'))).toContain('data 4 days old');
    expect(formatUsageFooter(page, true, Date.parse('2026-11-20T01:00:00Z'))).toContain('data 0 min old');
  });
});

describe('measureWidth', () => {
  it.each([
    ['abc', 3],
    ['東京', 4],
    ['한글', 4],
    ['ｆｕ', 4],
    ['👩‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['e\u0301', 1],
    ['\u200B', 0],
    ['Łódź', 4],
    ['شركة', 4],
  ])('is right for %j', (text, width) => {
    expect(measureWidth(text)).toBe(width);
  });

  test.prop([fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 })])(
    'is never passed by a cut text',
    (text, width) => {
      expect(measureWidth(truncate(toPrintable(text), width))).toBeLessThanOrEqual(width);
    },
  );
});

describe('toPrintable', () => {
  test.prop([fc.string({ unit: 'binary' })])('leaves nothing that moves a cursor or turns a line', (text) => {
    expect(toPrintable(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
  });
});

describe('roundAmount', () => {
  it.each([
    ['0', '0.00'],
    ['0.005', '0.01'],
    ['0.00499999999999999999999', '0.00'],
    ['-0.004', '0.00'],
    ['-0.005', '-0.01'],
    ['99999999999999999999.995', '100000000000000000000.00'],
    ['1.5e3', '1500.00'],
    ['1.2345e2', '123.45'],
    ['12.5E-3', '0.01'],
    ['1e400', '1e400'],
    ['n/a', 'n/a'],
  ])('makes of %s %s', (amount, text) => {
    expect(roundAmount(amount)).toBe(text);
  });
});

describe('removeExponent', () => {
  test.prop([fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -40, max: 40 })])(
    'is worth the same, whatever the exponent',
    (digits, exponent) => {
      const [whole = '', fraction = ''] = removeExponent(`${digits}e${exponent}`).split('.');
      expect(BigInt(whole + fraction) * 10n ** BigInt(40 - fraction.length)).toBe(
        digits * 10n ** BigInt(40 + exponent),
      );
    },
  );
});

describe('alignOnPoint', () => {
  it('puts points below each other', () => {
    expect(alignOnPoint(['1.5', '100', '-'])).toEqual(['  1.5', '100  ', '  -  ']);
  });
});
