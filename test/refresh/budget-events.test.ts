import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../../shared/snapshot/snapshot.ts';
import { free, row } from '../support/lists/event-lists.ts';
import { createEventRig, abbreviateEvent } from '../support/rigs/event-rig.ts';
import { createDownload } from '../support/lists/usage-rows.ts';
import type { TestRow } from '../support/lists/usage-rows.ts';

const at = (percent: number, day: string) => [row('a', percent, { lastModifiedDate: `2026-11-${day}T00:00:00Z` })];

const record = (percent: string, cost: string) =>
  `{"budget":{"amount":20.0000000000000000001},"percentUsed":${percent},"isUpgraded":true,"resourceId":"5B3CB9A4-8e4c-4ef4-9e6c-3b1c8f0e7a11",` +
  `"resourceName":"Łódź \\"AB\\"","total\\u0043ost":${cost},"currencyCode":"SEK","lastModifiedDate":"2026-11-16T00:00:00.1433333+00:00"}\n`;

/** Publishes the lists one after the other and gives what the last one brought, in short. */
const newsOf = async (...lists: readonly (readonly TestRow[])[]) => newsSince('2026-11-03T06:00:00Z', ...lists);

const newsAtTurn = async (...lists: readonly (readonly TestRow[])[]) => newsSince('2026-12-01T06:00:00Z', ...lists);

async function newsSince(now: string, ...lists: readonly (readonly TestRow[])[]) {
  const rig = createEventRig({ now });
  for (const list of lists.slice(0, -1)) await rig.publish(list);
  const before = rig.storedEvents();
  await rig.publish(lists.at(-1) ?? []);
  const lines = rig.storedEvents().filter((line) => !before.includes(line));
  return lines.map((line) => abbreviateEvent(JSON.parse(line)));
}

describe('budget events', () => {
  it('come of no first list', async () => {
    expect(await newsOf([row('a', 130)])).toEqual([]);
  });

  it('come for every threshold passed at once, the highest marked', async () => {
    expect(await newsOf([row('a', 49.99), row('b', 10)], [row('a', 90), row('b', 50)])).toEqual([
      'a 50',
      'a 80',
      'a 90*',
      'b 50*',
    ]);
  });

  it.each([
    ['just below', 49.99, 79.99, ['a 50*']],
    ['from the threshold itself', 50, 79.99, []],
    ['falling', 90, 40, []],
    ['without a change of percent', 85, 85, []],
    ['beyond the last', 120, 900, []],
  ])('%s', async (_case, was, is, expected) => {
    expect(await newsOf([row('a', was)], [row('a', is), row('other', 1)])).toEqual(expected);
  });

  it('come once in a period, however often a row falls and rises', async () => {
    const lists = [40, 60, 30, 85, 20].map((percent) => [row('a', percent)]);
    expect(await newsOf(...lists, [row('a', 95)])).toEqual(['a 90*']);
    expect(await newsOf(...lists, [row('a', 84)])).toEqual([]);
  });

  it('come again when the budget is another', async () => {
    const small = { budget: 500 };
    expect(await newsOf([row('a', 40)], [row('a', 85)], [row('a', 30, small)], [row('a', 81, small)])).toEqual([
      'a 50',
      'a 80*',
    ]);
    expect(await newsOf([row('a', 60)], [row('a', 90, small)])).toEqual(['a 80', 'a 90*']);
  });

  it('come for a row that is new, from 0 percent', async () => {
    expect(await newsOf([row('a', 10)], [row('a', 10), row('b', 55)])).toEqual(['b 50*']);
  });

  it('come for each of the two rows of a customer, and once for two rows with one key', async () => {
    const legacy = { isUpgraded: false };
    expect(await newsOf([row('A', 10), row('a', 10, legacy)], [row('A', 55), row('a', 85, legacy)])).toEqual([
      'a 50*',
      'a 50',
      'a 80*',
    ]);
    expect(await newsOf([row('a', 10), row('a', 60)], [row('a', 55), row('a', 85)])).toEqual(['a 50*', 'a 80*']);
  });

  it('tell when a row begins to spend without a budget', async () => {
    expect(await newsOf([free('a', 0)], [free('a', 0.01)])).toEqual(['a firstSpendWithoutBudget']);
    expect(await newsOf([free('a', -3)], [free('a', 0)])).toEqual([]);
    expect(await newsOf([free('a', 0)], [free('a', 1)], [free('a', 0)], [free('a', 2)])).toEqual([]);
    expect(await newsOf([row('a', 40)], [free('a', 400)])).toEqual(['a firstSpendWithoutBudget']);
    expect(await newsOf([free('a', 600)], [row('a', 60)])).toEqual(['a 50*']);
    expect(await newsOf([free('a', 0)], [{ ...free('a', 1), percentUsed: 90 }])).toEqual(['a firstSpendWithoutBudget']);
  });

  it.each([
    ['while less than five days have passed', '2026-11-05T23:59:59Z', 49, []],
    ['after five full days', '2026-11-06T00:00:00Z', 49, ['a projectedOverBudget']],
    ['at half the month and half the budget', '2026-11-16T00:00:00Z', 50, ['a 50*']],
    ['at half the month and more', '2026-11-16T00:00:00Z', 50.01, ['a 50*', 'a projectedOverBudget']],
  ])('project the month %s', async (_case, lastModifiedDate, percent, expected) => {
    expect(await newsOf([row('a', 1)], [row('a', percent, { lastModifiedDate })])).toEqual(expected);
  });

  it('tell once that a month is projected over its budget', async () => {
    expect(await newsOf(at(1, '07'), at(25, '07'), at(25, '11'))).toEqual([]);
    expect(await newsOf(at(1, '07'), at(25, '07'), at(25, '11'), at(45, '12'))).toEqual([]);
  });
});

describe('budget events at the turn of a month', () => {
  const november = { lastModifiedDate: '2026-11-30T05:00:00Z' };
  const december = { lastModifiedDate: '2026-12-01T05:00:00Z' };

  it('start at 0 percent with the first list of the new month', async () => {
    expect(await newsAtTurn([row('a', 95, november), row('b', 95, november)], [row('a', 85, december)])).toEqual([
      'a 50',
      'a 80*',
    ]);
  });

  it('do not come for rows that still show the old month', async () => {
    const lists = [[row('a', 40, november)], [row('a', 95, november), row('b', 10, december)]];
    expect(await newsAtTurn(...lists)).toEqual([]);
    expect(await newsAtTurn(...lists, [row('a', 55, december), row('b', 10, december)])).toEqual(['a 50*']);
  });

  it('go by the list while it lags behind the calendar', async () => {
    const rig = createEventRig({ now: '2026-11-30T23:00:00Z' });
    await rig.publish([row('a', 40, november)]);
    await rig.publish([row('a', 55, november)], 120);
    expect(rig.storedEvents().map((line) => JSON.parse(line))).toMatchObject([
      { period: '2026-11', threshold: 50, crossedAt: '2026-12-01T02:00:00.000Z' },
    ]);
  });

  it('do not come of a list that falls back to the old month, nor again of the next', async () => {
    const old = [row('a', 40, november)];
    const fresh = [row('a', 55, december)];
    expect(await newsAtTurn(old, fresh, [row('a', 95, november)])).toEqual([]);
    expect(await newsAtTurn(old, fresh, [row('a', 95, november)], [row('a', 56, december)])).toEqual([]);
  });
});

describe('a stored budget event', () => {
  it('has every key, and the digits upstream wrote', async () => {
    const rig = createEventRig({ now: '2026-11-20T00:00:00Z' });
    const serve = async (line: string) => {
      rig.serve(() => Promise.resolve({ ...createDownload([]), snapshot: parseSnapshot(Buffer.from(line)) }));
      rig.advanceMinutes(60);
      await rig.refresh('timer', rig.log.call);
    };
    await serve(record('12.50', '2.5'));
    await serve(record('602.840', '120.5682999999995904716'));
    const id = '2026-11_5b3cb9a4-8e4c-4ef4-9e6c-3b1c8f0e7a11_azure-plan_budgetThreshold_120_20.0000000000000000001';
    expect(rig.storedEvents()[4]).toBe(
      `{"id":"${id}","sequence":${Date.parse('2026-11-20T02:00:00Z') - 1},"kind":"budgetThreshold","threshold":120,"isHighest":true,` +
        '"customerId":"5b3cb9a4-8e4c-4ef4-9e6c-3b1c8f0e7a11","customerName":"Łódź \\"AB\\"","period":"2026-11","hasBudget":true,' +
        '"budgetAmount":20.0000000000000000001,"percentUsed":602.840,"totalCost":120.5682999999995904716,' +
        '"totalCostText":"120.5682999999995904716","currencyCode":"SEK","usdTotalCost":null,"isUpgraded":true,' +
        '"lastModifiedDate":"2026-11-16T00:00:00.1433333+00:00","pacePercent":1205.68,"projectedMonthEndCost":241.14,' +
        '"forecastConfidence":"high","budgetStatus":"over","date":null,"dailyCost":null,"dailyCostText":"","usualDailyCost":null,"usualDailyCostText":"","dailyCostFactor":null,"previousPercentUsed":12.50,"crossedAt":"2026-11-20T02:00:00.000Z"}',
    );
    const [last] = rig.storedEvents().slice(-1);
    expect(last).toContain('"id":"2026-11_5b3cb9a4-8e4c-4ef4-9e6c-3b1c8f0e7a11_azure-plan_projectedOverBudget_20.0');
  });

  it('has null for what a row without a budget or a new row has not', async () => {
    const rig = createEventRig({ now: '2026-11-03T00:00:00Z' });
    await rig.publish([row('x', 1)]);
    await rig.publish([{ ...row('a', 0), budget: undefined, totalCost: 3 }, row('b', 50)]);
    expect(rig.storedEvents().map((line) => JSON.parse(line))).toMatchObject([
      {
        id: '2026-11_a_azure-plan_firstSpendWithoutBudget',
        threshold: null,
        isHighest: true,
        budgetAmount: null,
        percentUsed: null,
        previousPercentUsed: null,
        projectedMonthEndCost: 40.75,
        forecastConfidence: 'low',
      },
      { id: '2026-11_b_azure-plan_budgetThreshold_50_1000', previousPercentUsed: null },
    ]);
  });
});
