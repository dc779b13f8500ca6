import { describe, expect, it } from 'vitest';
import { calculateComputeCost, listIdleCosts, calculateMonthlyComputeCost } from '../docs/costs.ts';

const million = 1_000_000;

describe('calculateComputeCost', () => {
  it.each([
    // The two documented examples: 144,000 calls an hour for $0.245 on one instance, and calls that never overlap.
    [{ calls: 144_000, activeSeconds: 1 / 40, memoryGb: 2 }, 0.245],
    [{ calls: million, activeSeconds: 1 / 40, memoryGb: 2 }, 1.7],
    [{ calls: million, activeSeconds: 1, memoryGb: 2 }, 52.4],
    [{ calls: million, activeSeconds: 1, memoryGb: 0.5 }, 13.4],
    [{ calls: 0, activeSeconds: 1, memoryGb: 2 }, 0],
  ])('%j costs %d dollars', (load, dollars) => {
    expect(calculateComputeCost(load)).toBeCloseTo(dollars, 2);
  });
});

describe('calculateMonthlyComputeCost', () => {
  it.each([
    // 8,760 looks and 43,800 calls of a second on 2 GB are 105,120 GB-s, of which 100,000 are free.
    ['nothing for the timer alone', { calls: 0, activeSeconds: 1, memoryGb: 2 }, 0],
    ['5,120 GB-s for a call every minute', { calls: 43_800, activeSeconds: 1, memoryGb: 2 }, 0.13],
    ['executions beyond the free ones', { calls: 1_241_240, activeSeconds: 0, memoryGb: 0.5 }, 0.4],
  ])('is %s', (_what, load, dollars) => {
    expect(calculateMonthlyComputeCost(load)).toBeCloseTo(dollars, 2);
  });
});

describe('listIdleCosts', () => {
  it('are cents', () => {
    const rounded = Object.values(listIdleCosts(1)).map((dollars) => Math.round(dollars * 10_000) / 10_000);
    expect(rounded).toEqual([0.0041, 0.0183, 0.0443, 0.0045, 0]);
  });
});
