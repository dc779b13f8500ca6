import { describe, expect, it } from 'vitest';
import { calculatePace } from '../../shared/views/forecast.ts';

describe('paceOf', () => {
  it("projects the cost so far over the whole of the row's own month", () => {
    expect(calculatePace(Date.parse('2026-11-16T00:00:00Z'), 300)).toEqual({
      elapsedShare: 0.5,
      projectedMonthEndCost: 600,
      confidence: 'high',
    });
    expect(calculatePace(Date.parse('2028-02-08T06:00:00Z'), 1)).toEqual({
      elapsedShare: 0.25,
      projectedMonthEndCost: 4,
      confidence: 'medium',
    });
  });

  it.each([
    ['2026-11-05T23:59:59.999Z', 'low'],
    ['2026-11-06T00:00:00Z', 'medium'],
    ['2026-11-10T23:59:59.999Z', 'medium'],
    ['2026-11-11T00:00:00Z', 'high'],
  ])('is at %s of %s confidence', (instant, confidence) => {
    expect(calculatePace(Date.parse(instant), 1).confidence).toBe(confidence);
  });
});
