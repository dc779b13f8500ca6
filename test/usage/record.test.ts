import { describe, expect, it } from 'vitest';
import { checkRecord, findOddMembers, parseInstant } from '../../shared/usage/record.ts';

const sound = {
  resourceId: 'a',
  budget: { amount: 20 },
  percentUsed: 602.84,
  isUpgraded: true,
  totalCost: 120.5,
  lastModifiedDate: '2026-11-17T17:08:11.1433333+00:00',
};

describe('checkRecord', () => {
  it('gives a record back as it is, unknown and odd members and all', () => {
    const record = { ...sound, attributes: { objectType: 'CustomerMonthlyUsageRecord' }, totalCost: null };
    expect(checkRecord(record, 0)).toBe(record);
  });

  it.each([{}, { resourceId: '' }, { resourceId: null, id: 7 }])('refuses %j, which has no id', (value) => {
    expect(() => checkRecord(value, 7)).toThrow(
      expect.objectContaining({
        code: 'UpstreamInvalid',
        details: { reason: 'schema', member: 'resourceId', record: 7 },
      }),
    );
  });

  it.each([null, [], 'x', 7])('refuses %j, which is no object', (value) => {
    expect(() => checkRecord(value, 0)).toThrow(expect.objectContaining({ code: 'UpstreamInvalid' }));
  });
});

describe('findOddMembers', () => {
  it.each([
    [{}, []],
    [{ id: null, resourceName: null, name: null, budget: null, usdTotalCost: null, currencyCode: null }, []],
    [{ budget: { amount: null }, percentUsed: Infinity, unknown: [] }, []],
    [{ budget: { amount: '20' } }, ['budget']],
    [{ budget: [] }, ['budget']],
    [{ percentUsed: null, totalCost: 'x' }, ['percentUsed', 'totalCost']],
    [{ isUpgraded: undefined, resourceId: 5, id: 'a' }, ['resourceId', 'isUpgraded']],
    [{ usdTotalCost: true, currencyCode: 5, currencyLocale: {} }, ['usdTotalCost', 'currencyCode', 'currencyLocale']],
    [{ resourceName: 7, name: [] }, ['resourceName', 'name']],
  ])('with %j names %j', (change, odd) => {
    expect(findOddMembers({ ...sound, ...change })).toEqual(odd);
  });
});

describe('parseInstant', () => {
  it.each([
    ['2019-08-01T23:00:16.57+00:00', Date.UTC(2019, 7, 1, 23, 0, 16, 570)],
    ['2019-09-17T17:08:11.1433333+00:00', Date.UTC(2019, 8, 17, 17, 8, 11, 143)],
    ['2019-09-17T10:08:11-07:00', Date.UTC(2019, 8, 17, 17, 8, 11)],
    ['2019-09-17T17:08:11Z', Date.UTC(2019, 8, 17, 17, 8, 11)],
    ['2019-09-17T17:08:11', Date.UTC(2019, 8, 17, 17, 8, 11)],
    ['2019-09-17T17:08:11.9999999', Date.UTC(2019, 8, 17, 17, 8, 11, 999)],
    ['0001-01-01T00:00:00', -62_135_596_800_000],
  ])('reads %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each(['', '2019-09-17', '17 Sep 2019', '2019-13-01T00:00:00Z', '2019-09-17T17:08Z'])(
    'reads nothing in %j',
    (text) => {
      expect(parseInstant(text)).toBeNaN();
    },
  );
});
