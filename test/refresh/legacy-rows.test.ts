import { describe, expect, it } from 'vitest';
import { legacy, other, row, started } from '../support/lists/event-lists.ts';

describe('a legacy row', () => {
  it('goes on over the turn of a month', async () => {
    const { bring } = started('2026-10-31T06:00:00Z');
    await bring([legacy(85, '2026-10-31T02:00:00Z'), other('2026-10-31T05:00:00Z')]);
    const november = '2026-11-01T05:00:00Z';
    expect(await bring([legacy(88, november), other(november)], 24 * 60)).toEqual([]);
    expect(await bring([legacy(91, november), other(november)])).toEqual(['old 90* from 88']);
  });

  it('is told once in its billing period, also over the turn of a month', async () => {
    const { bring } = started('2026-10-30T06:00:00Z');
    await bring([legacy(75, '2026-10-30T02:00:00Z')]);
    expect(await bring([legacy(82, '2026-10-30T03:00:00Z')])).toEqual(['old 80* from 75']);
    await bring([legacy(78, '2026-11-01T02:00:00Z')], 48 * 60);
    expect(await bring([legacy(83, '2026-11-01T03:00:00Z')])).toEqual([]);
  });

  it('is told again in the same month when its figures started again, with an id of its own', async () => {
    const { bring, rig } = started('2026-11-10T06:00:00Z');
    await bring([legacy(75)]);
    expect(await bring([legacy(82)])).toEqual(['old 80* from 75']);
    expect(await bring([legacy(3, '2026-11-28T05:00:00Z')], 18 * 24 * 60)).toEqual([]);
    expect(await bring([legacy(55, '2026-11-29T05:00:00Z')], 24 * 60)).toEqual(['old 50* from 3']);
    expect(await bring([legacy(84, '2026-11-30T05:00:00Z')], 24 * 60)).toEqual(['old 80* from 55']);
    await bring([legacy(70, '2026-11-30T06:00:00Z')]);
    expect(await bring([legacy(84, '2026-11-30T07:00:00Z')])).toEqual([]);
    expect(
      rig()
        .storedEvents()
        .map((line) => JSON.parse(line).id),
    ).toEqual([
      '2026-11_old_legacy_budgetThreshold_80_1000',
      '2026-11-28_old_legacy_budgetThreshold_50_1000',
      '2026-11-28_old_legacy_budgetThreshold_80_1000',
    ]);
  });

  it('is told once a day at most for one threshold, though its figures fall to nothing twice', async () => {
    const { bring } = started('2026-11-28T01:00:00Z');
    await bring([legacy(75)]);
    await bring([legacy(3, '2026-11-28T03:00:00Z')]);
    expect(await bring([legacy(55, '2026-11-28T04:00:00Z')])).toEqual(['old 50* from 3']);
    await bring([legacy(-1.5, '2026-11-28T05:00:00Z')]);
    expect(await bring([legacy(55, '2026-11-28T06:00:00Z')])).toEqual([]);
  });

  it('is not told again when a correction takes it down by less', async () => {
    const { bring } = started();
    await bring([legacy(75)]);
    await bring([legacy(82)]);
    await bring([legacy(20)]);
    expect(await bring([legacy(85)])).toEqual(['old 50 from 20']);
  });

  it('is told in its next billing period though the start of that was not seen', async () => {
    const { bring } = started('2026-11-10T06:00:00Z');
    await bring([legacy(75)]);
    await bring([legacy(82)]);
    await bring([]);
    expect(await bring([legacy(40, '2026-12-12T05:00:00Z')], 32 * 24 * 60)).toEqual([]);
    expect(await bring([legacy(85, '2026-12-14T05:00:00Z')], 48 * 60)).toEqual(['old 50 from 40', 'old 80* from 40']);
  });

  it('is told in the month of the list when its date cannot be read', async () => {
    const { bring, rig } = started();
    await bring([legacy(45)]);
    expect(await bring([legacy(55, 'today')])).toEqual(['old 50* from 45']);
    expect(JSON.parse(rig().storedEvents()[0] ?? '').id).toBe('2026-11_old_legacy_budgetThreshold_50_1000');
  });

  it('has no projection', async () => {
    const { bring, rig } = started();
    await bring([legacy(1), row('c0', 1)]);
    const later = { lastModifiedDate: '2026-11-07T00:00:00Z' };
    expect(await bring([{ ...legacy(55), ...later }, row('c0', 45, later)])).toEqual([
      'old 50* from 1',
      'c0 projectedOverBudget from 1',
    ]);
    expect(JSON.parse(rig().storedEvents()[0] ?? '')).toMatchObject({
      period: '2026-11',
      pacePercent: null,
      projectedMonthEndCost: null,
      forecastConfidence: 'none',
    });
  });
});
