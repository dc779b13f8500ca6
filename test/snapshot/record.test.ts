import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../shared/snapshot/record.ts';
import { snapshotOfLines } from './records.ts';

const sound = {
  resourceId: 'a',
  budget: { amount: 20 },
  percentUsed: 602.84,
  isUpgraded: true,
  totalCost: 120.5,
  lastModifiedDate: '2026-11-17T17:08:11.1433333+00:00',
};

/** The odd members of one record, which is sound but for `change`. */
function oddMembersWith(change: object): readonly string[] {
  return snapshotOfLines([JSON.stringify({ ...sound, ...change })]).oddMembers.get(0) ?? [];
}

describe('odd members', () => {
  it.each([
    [{}, []],
    [{ id: null, resourceName: null, name: null, budget: null, usdTotalCost: null, currencyCode: null }, []],
    [{ budget: { amount: null }, percentUsed: 1e300, unknown: [] }, []],
    [{ budget: { amount: '20' } }, ['budget']],
    [{ budget: [] }, ['budget']],
    [{ budget: 'x', percentUsed: true }, ['budget', 'percentUsed']],
    [{ percentUsed: null, totalCost: 'x' }, ['percentUsed', 'totalCost']],
    [{ isUpgraded: undefined, resourceId: 5, id: 'a' }, ['resourceId', 'isUpgraded']],
    [{ usdTotalCost: true, currencyCode: 5, currencyLocale: {} }, ['usdTotalCost', 'currencyCode', 'currencyLocale']],
    [{ resourceName: 7, name: [] }, ['resourceName', 'name']],
    [{ lastModifiedDate: null }, ['lastModifiedDate']],
    [{ lastModifiedDate: 'yesterday' }, ['lastModifiedDate']],
  ])('with %j are %j', (change, odd) => {
    expect(oddMembersWith(change)).toEqual(odd);
  });
});

describe('the columns', () => {
  const figure = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc
      .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.stringMatching(/^\d{0,20}$/))
      .map(([whole, decimals]) => (decimals === '' ? String(whole) : `${whole}.${decimals}`)),
    fc.constantFrom('-0', '0.10', '1e400', '-1E-7', '123456789012345', '0.1234567890123', '999999999999999.9'),
  );

  test.prop([figure])('hold the double that JSON.parse makes of the same digits', (digits) => {
    const line = JSON.stringify({ ...sound, totalCost: 0 }).replace('"totalCost":0', `"totalCost":${digits}`);
    expect(snapshotOfLines([line]).totalCost[0]).toBe(JSON.parse(digits));
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
