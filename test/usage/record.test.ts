import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { checkRecord, customerMonthlyUsageRecord, instantOf } from '../../shared/usage/record.ts';

const sound = {
  resourceId: 'a',
  budget: { amount: 20 },
  percentUsed: 602.84,
  isUpgraded: true,
  totalCost: 120.5,
  lastModifiedDate: '2026-11-17T17:08:11.1433333+00:00',
};

const anything = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    'x',
    0,
    -1,
    Infinity,
    true,
    {},
    [],
    { amount: null },
    { amount: 'x' },
    { amount: 1 },
  ),
  fc.constantFrom('2026-11-17T17:08:11Z', '2026-13-01T00:00:00Z', '2026-11-17'),
);
const members = [
  'resourceId',
  'id',
  'resourceName',
  'name',
  'budget',
  'percentUsed',
  'isUpgraded',
  'totalCost',
  'usdTotalCost',
  'currencyCode',
  'currencyLocale',
  'lastModifiedDate',
  'unknown',
];

describe('checkRecord', () => {
  it('gives a sound record back as it is, unknown members and all', () => {
    const record = { ...sound, attributes: { objectType: 'CustomerMonthlyUsageRecord' } };
    expect(checkRecord(record, 0)).toBe(record);
  });

  it.each([
    ['resourceId', { resourceId: undefined }, 1],
    ['resourceId', { resourceId: '' }, 1],
    ['budget.amount', { budget: { amount: '20' } }, 1],
    ['percentUsed', { percentUsed: null, totalCost: 'x' }, 2],
    ['lastModifiedDate', { lastModifiedDate: '2026-11-17' }, 1],
  ])('names %s when it is at fault and shows no value', (member, change, issues) => {
    expect(() => checkRecord({ ...sound, ...change }, 7)).toThrow(
      expect.objectContaining({ code: 'UpstreamInvalid', details: { reason: 'schema', member, issues, record: 7 } }),
    );
  });

  it.each([null, [], 'x', 7])('refuses %j, which is no object', (value) => {
    expect(() => checkRecord(value, 0)).toThrow(expect.objectContaining({ code: 'UpstreamInvalid' }));
  });

  test.prop([fc.dictionary(fc.constantFrom(...members), anything, { maxKeys: 4 })], { numRuns: 2000 })(
    'takes exactly what the schema takes',
    (change) => {
      const record = { ...sound, ...change };
      const verdict = customerMonthlyUsageRecord.safeParse(record).success;
      let taken = true;
      try {
        checkRecord(record, 0);
      } catch {
        taken = false;
      }
      expect(taken).toBe(verdict);
    },
  );
});

describe('instantOf', () => {
  it.each([
    ['2019-08-01T23:00:16.57+00:00', Date.UTC(2019, 7, 1, 23, 0, 16, 570)],
    ['2019-09-17T17:08:11.1433333+00:00', Date.UTC(2019, 8, 17, 17, 8, 11, 143)],
    ['2019-09-17T10:08:11-07:00', Date.UTC(2019, 8, 17, 17, 8, 11)],
    ['2019-09-17T17:08:11Z', Date.UTC(2019, 8, 17, 17, 8, 11)],
    ['2019-09-17T17:08:11', Date.UTC(2019, 8, 17, 17, 8, 11)],
    ['2019-09-17T17:08:11.9999999', Date.UTC(2019, 8, 17, 17, 8, 11, 999)],
    ['0001-01-01T00:00:00', -62_135_596_800_000],
  ])('reads %s', (text, instant) => {
    expect(instantOf(text)).toBe(instant);
  });

  it.each(['', '2019-09-17', '17 Sep 2019', '2019-13-01T00:00:00Z', '2019-09-17T17:08Z'])(
    'reads nothing in %j',
    (text) => {
      expect(instantOf(text)).toBeNaN();
    },
  );
});
