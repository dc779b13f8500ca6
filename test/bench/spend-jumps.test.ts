import { describe, expect, it } from 'vitest';
import { calculateRates, mixRates, simulate } from '../../bench/spend-jumps/simulation.ts';

describe('spend jumps in a simulated year', () => {
  it.each([1, 2])('raise few false events and are told at once (seed %d)', (seed) => {
    const figures = simulate({ seed, years: 1, customersAKind: 60, budgetPercent: 10, usd: 50 });
    const falseEvents = [...figures.values()].reduce((sum, row) => sum + row.falseEvents, 0);
    const rates = mixRates(figures);

    expect(rates.falsePerThousand).toBeLessThanOrEqual(1);
    expect(rates.told).toBeGreaterThanOrEqual(0.96);
    // The simulation is not too quiet to say anything.
    expect(falseEvents).toBeGreaterThan(5);
    for (const kind of ['steady', 'office', 'growing'] as const) {
      const row = figures.get(kind);
      expect({ kind, falseEvents: row?.falseEvents }).toEqual({ kind, falseEvents: 0 });
      expect(row && calculateRates(row).told).toBeGreaterThanOrEqual(0.96);
    }
  });
});
