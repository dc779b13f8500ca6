import { describe, expect, it } from 'vitest';
import { createForecasts, createOverBudgetProjections } from '../../shared/views/forecast.ts';
import { createDownload } from '../support/lists/usage-rows.ts';
import type { TestRow } from '../support/lists/usage-rows.ts';

const rowAt = (lastModifiedDate: string, more: TestRow = {}): TestRow => ({
  totalCost: 300,
  budget: 1000,
  percentUsed: 30,
  lastModifiedDate,
  ...more,
});

function forecastsOf(...rows: TestRow[]) {
  const { snapshot } = createDownload(rows);
  const getForecast = createForecasts(snapshot);
  return rows.map((_, row) => getForecast(row));
}

describe('createForecasts', () => {
  it.each([
    // A third, a half, two thirds and all of a month of 30 days.
    ['2026-11-11T00:00:00+00:00', 90, 900, 'high'],
    ['2026-11-16T00:00:00+00:00', 60, 600, 'high'],
    ['2026-11-21T00:00:00+00:00', 45, 450, 'high'],
    ['2026-11-30T23:59:59.999+00:00', 30, 300, 'high'],
    // A half of February in a leap year; 31 days; another offset.
    ['2028-02-15T12:00:00Z', 60, 600, 'high'],
    ['2026-12-07T18:00:00+00:00', 137.78, 1377.78, 'medium'],
    ['2026-11-15T19:00:00-05:00', 60, 600, 'high'],
  ])('divides by the elapsed share of the month at %s', (date, pacePercent, projectedMonthEndCost, confidence) => {
    expect(forecastsOf(rowAt(date))).toStrictEqual([{ pacePercent, projectedMonthEndCost, confidence }]);
  });

  it.each([
    ['2026-11-01T00:00:00.001+00:00', 'low'],
    ['2026-11-05T23:59:59+00:00', 'low'],
    ['2026-11-06T00:00:00+00:00', 'medium'],
    ['2026-11-10T23:59:59+00:00', 'medium'],
    ['2026-11-11T00:00:00+00:00', 'high'],
  ])('at %s has %s confidence', (date, confidence) => {
    expect(forecastsOf(rowAt(date))).toMatchObject([{ confidence }]);
  });

  it('says nothing of a legacy row, whose billing period is not known', () => {
    expect(forecastsOf(rowAt('2026-11-16T00:00:00Z', { isUpgraded: false }))).toMatchObject([{ confidence: 'none' }]);
  });

  it('says nothing of an older month, nor on the first instant of the newest', () => {
    const nothing = { pacePercent: Number.NaN, projectedMonthEndCost: Number.NaN, confidence: 'none' };
    expect(forecastsOf(rowAt('2026-10-28T00:00:00Z'), rowAt('2026-11-01T00:00:00Z'))).toStrictEqual([nothing, nothing]);
  });

  it('projects a cost without a budget, and no pace', () => {
    const { budget: _, ...row } = rowAt('2026-11-16T00:00:00Z');
    expect(forecastsOf(row)).toMatchObject([{ pacePercent: Number.NaN, projectedMonthEndCost: 600 }]);
  });

  it('keeps refunds negative and gives up on amounts beyond doubles', () => {
    const date = '2026-11-16T00:00:00Z';
    expect(forecastsOf(rowAt(date, { totalCost: -5 }), rowAt(date, { totalCost: 1e307 }))).toMatchObject([
      { projectedMonthEndCost: -10 },
      { projectedMonthEndCost: Number.NaN },
    ]);
  });
});

describe('createOverBudgetProjections', () => {
  it.each([
    ['over budget', rowAt('2026-11-08T12:00:00Z'), true],
    ['within budget', rowAt('2026-11-16T00:00:00Z'), false],
    ['exactly on budget', rowAt('2026-11-10T00:00:00Z'), false],
    ['over a budget of nothing', rowAt('2026-11-16T00:00:00Z', { budget: 0 }), true],
    ['unknown while confidence is low', rowAt('2026-11-03T00:00:00Z'), undefined],
    ['over budget beyond doubles', rowAt('2026-11-16T00:00:00Z', { totalCost: 1e308 }), true],
    ['over budget by less than it shows', rowAt('2026-11-16T00:00:00Z', { totalCost: 500.001 }), true],
  ])('says %s', (_, row, expected) => {
    expect(createOverBudgetProjections(createDownload([row]).snapshot)(0)).toBe(expected);
  });

  it('says nothing without a budget or of an older month', () => {
    const { budget: _, ...row } = rowAt('2026-11-16T00:00:00Z');
    const isOver = createOverBudgetProjections(createDownload([row, rowAt('2026-10-28T00:00:00Z')]).snapshot);
    expect([isOver(0), isOver(1)]).toStrictEqual([undefined, undefined]);
  });
});
