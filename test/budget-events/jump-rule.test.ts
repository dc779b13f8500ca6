import { describe, expect, it } from 'vitest';
import { findJump } from '../../shared/budget-events/jump-rule.ts';

const gap = Number.NaN;
/** 14 days, the last of them 20 November; the 21st is a Saturday. */
const flat = [10, 11, 10, 9, 10, 10, 12, 10, 10, 9, 11, 10, 10, 10];

const idle = Array.from(flat, () => 0);
/** The median is 10, and the median deviation from it 8. */
const uneven = [2, 18, 2, 18, 2, 18, 2, 18, 2, 18, 2, 18, 2, 18];

/** Whether this cost of 21 November is a jump after these days. */
function isJump(cost: number, before: readonly number[] = flat, { day = '2026-11-21', leastRise = 20 } = {}) {
  return findJump({ cost, costsBefore: before, day: Date.parse(`${day}T09:00:00Z`), leastRise }) !== undefined;
}

describe('findJump', () => {
  it('finds a tenfold day, and names the days it compared, lowest first', () => {
    const jump = findJump({ cost: 100, costsBefore: [50, ...flat], day: Date.parse('2026-11-21'), leastRise: 20 });
    expect(jump?.comparedDays).toEqual([10, 4, 14, 13, 12, 9, 8, 6, 5, 3, 1, 11, 2, 7]);
  });

  it.each<[what: string, cost: number, before: readonly number[], expected: boolean]>([
    ['six times the usual day', 60, flat, true],
    ['less than six times the usual day', 59, flat, false],
    ['a negative day', -100, flat, false],
    ['an unknown day', Number.NaN, flat, false],
    ['a first cost after two idle weeks', 20, idle, true],
    ['less than the least rise', 19, idle, false],
    ['six known days', 100, [gap, gap, gap, gap, gap, gap, gap, gap, 9, 11, 10, 10, 10, 10], false],
    ['seven known days without this weekday', 100, [gap, ...flat.slice(0, 6), gap, 9, 11, 10, 10, 10, 10], false],
    ['seven known days', 100, [10, 9, 11, 10, 10, 10, 10], true],
    ['no days', 100, [], false],
    ['Saturdays that are as high', 60, [60, ...flat.slice(0, 6), 60, ...flat.slice(0, 6)], false],
    ['2.25 times the highest Saturday', 135, [60, ...flat.slice(0, 6), 60, ...flat.slice(0, 6)], true],
    ['less than six spreads above', 81, uneven, false],
    ['six spreads above', 82, uneven, true],
    ['a correction taken back', 500, [...flat.slice(1), -450], false],
    ['a jump beyond a correction', 515, [...flat.slice(1), -450], true],
    ['two days that were late', 79, [...flat.slice(2), 0, 0], false],
    ['a jump after two late days', 85, [...flat.slice(2), 0, 0], true],
    ['the same two days off as a week ago', 60, [10, 10, 10, 10, 10, 0, 0, 10, 10, 10, 10, 10, 0, 0], true],
  ])('judges %s', (_what, cost, before, expected) => {
    expect(isJump(cost, before)).toBe(expected);
  });

  it('raises nothing where the least rise is unknown', () => {
    expect(isJump(1e9, flat, { leastRise: Number.NaN })).toBe(false);
  });

  it('takes one rise at the start of a month for a charge, and one that repeats for a jump', () => {
    const quiet = flat.slice(0, 13);
    expect(isJump(500, [...quiet, 10], { day: '2026-12-02' })).toBe(false);
    expect(isJump(500, [...quiet, 10], { day: '2026-12-03' })).toBe(false);
    expect(isJump(500, [...quiet, 500], { day: '2026-12-03' })).toBe(true);
    expect(isJump(500, [...quiet, 10], { day: '2026-12-04' })).toBe(true);
  });

  it('does not learn from the first days of a month', () => {
    expect(isJump(500, [...flat, gap, 500, 500], { day: '2026-12-04' })).toBe(true);
    expect(isJump(500, [...flat, gap, 500, 500, 500], { day: '2026-12-05' })).toBe(false);
  });

  it('takes a charge that is late with its list for a charge', () => {
    expect(isJump(500, [...flat.slice(1), 0], { day: '2026-12-04' })).toBe(false);
  });
});
