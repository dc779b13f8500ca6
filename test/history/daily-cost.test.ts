import { describe, expect, it } from 'vitest';
import { computeDailyCost } from '../../shared/history/daily-cost.ts';

const azurePlan = { customerId: 'a', isUpgraded: true };
const legacy = { customerId: 'a', isUpgraded: false };
const figures = (totalCost: string, more = {}) => ({
  totalCost,
  percentUsed: '50',
  budgetAmount: '20',
  currencyCode: 'SEK',
  period: '2026-11',
  ...more,
});

describe('the cost of a day', () => {
  it.each([
    ['0.1', '0.3', '0.2'],
    ['120.5682999999995904716', '120.5682999999995904717', '0.0000000000000000001'],
    ['12.5', '10', '-2.5'],
    ['5e2', '1.5e3', '1000'],
  ])('is exact from %s to %s', (before, now, cost) => {
    expect(computeDailyCost(azurePlan, figures(before), figures(now))).toBe(cost);
  });

  it.each([
    ['there is no day before', undefined, figures('1')],
    ['the day before has no cost', figures(''), figures('1')],
    ['the day has no cost', figures('1'), figures('')],
    ['the currency changed', figures('1'), figures('2', { currencyCode: 'EUR' })],
    ['the period changed', figures('1', { period: '2026-10' }), figures('2')],
    ['no period is known', figures('1', { period: '' }), figures('2', { period: '' })],
    ['a figure is too long to compute with', figures('1'), figures('1e1025')],
  ])('is unknown when %s', (_, before, now) => {
    expect(computeDailyCost(azurePlan, before, now)).toBe('');
  });

  it('is unknown when a legacy row started again, and known when it was only corrected', () => {
    expect(computeDailyCost(legacy, figures('100'), figures('9', { percentUsed: '4' }))).toBe('');
    expect(computeDailyCost(legacy, figures('100'), figures('9', { percentUsed: '45' }))).toBe('-91');
    expect(computeDailyCost(azurePlan, figures('100'), figures('9', { percentUsed: '4' }))).toBe('-91');
  });
});
