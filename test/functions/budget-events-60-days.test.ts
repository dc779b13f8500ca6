import { describe, expect, it } from 'vitest';
import { createEventPoller, createRoll } from '../support/event-poller.ts';
import { createEventRig } from '../support/event-rig.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import type { TestRow } from '../support/usage-rows.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.parse('2026-10-18T03:00:00Z');
const hours = 60 * 24;
const customers = 40;
const thresholds = [50, 80, 90, 100, 120];

/** What the generator makes a customer do: its budget (0: none), and how many percent of it, or of 100, it spends a day. */
function customerOf(number: number) {
  const roll = createRoll(number * 7919 + 1);
  const budget = number % 5 === 4 ? 0 : 100 * (1 + Math.floor(roll() * 9));
  return {
    id: `c${number}`,
    budget,
    percentADay: number % 7 === 6 ? 0 : roll() * 7,
    stopsInNovember: number % 11 === 3,
  };
}

/** The day whose list is shown: a day's list comes at 06:00, so on the first of a month the old month is shown till then. */
const listDayOf = (now: number) => Math.floor((now - 6 * hourMs) / dayMs) * dayMs;

/** Percent of the budget used by the end of `day`, which falls for two days in the middle of a month. */
function percentOf(number: number, day: number): number {
  const { percentADay } = customerOf(number);
  const date = new Date(day).getUTCDate();
  const counted = number % 3 === 0 && (date === 14 || date === 15) ? date - 9 : date;
  return Math.round(percentADay * counted * 100) / 100;
}

/** From the 20th on some have twice the budget. */
const budgetOf = (number: number, day: number) =>
  customerOf(number).budget * (number % 8 === 1 && new Date(day).getUTCDate() >= 20 ? 2 : 1);

function shownPercentOf(number: number, day: number): number {
  return (percentOf(number, day) * customerOf(number).budget) / (budgetOf(number, day) || 1);
}

function listOf(day: number): TestRow[] {
  return Array.from({ length: customers }, (_, number) => {
    const { id, budget, stopsInNovember } = customerOf(number);
    // One that has stopped goes on showing the last of its old month.
    const own = stopsInNovember && day >= Date.parse('2026-11-01') ? Date.parse('2026-10-31') : day;
    const totalCost = (percentOf(number, own) * (budget || 100)) / 100;
    return {
      id,
      totalCost,
      percentUsed: budget === 0 ? 0 : shownPercentOf(number, own),
      budget: budget === 0 ? undefined : budgetOf(number, own),
      isUpgraded: number % 2 === 0,
      lastModifiedDate: new Date(own + 5 * hourMs).toISOString(),
    };
  });
}

/**
 * Every crossing there is, from the generator's figures alone: per customer, month and budget each threshold that some day reaches
 * and the day before had not; the first list of all is no news.
 */
function expectedCrossings() {
  const firstDay = listDayOf(start);
  const crossings = new Map<string, { day: number; customer: number; threshold: number }>();
  for (let day = firstDay + dayMs; day <= listDayOf(start + (hours - 1) * hourMs); day += dayMs) {
    for (let number = 0; number < customers; number += 1) {
      const { budget, stopsInNovember } = customerOf(number);
      if (budget === 0 || (stopsInNovember && day >= Date.parse('2026-11-01'))) continue;
      const before = new Date(day).getUTCDate() === 1 ? 0 : shownPercentOf(number, day - dayMs);
      for (const threshold of thresholds) {
        const key = `${new Date(day).toISOString().slice(0, 7)}_c${number}_${threshold}_${budgetOf(number, day)}`;
        const isCrossed = before < threshold && shownPercentOf(number, day) >= threshold;
        if (isCrossed && !crossings.has(key)) crossings.set(key, { day, customer: number, threshold });
      }
    }
  }
  return crossings;
}

/** The part of an event's id that the expectation spells out. */
const keyOf = (id: string) => id.replace(/_(azure-plan|legacy)_budgetThreshold/, '');

function simulate(seed: number) {
  const roll = createRoll(seed);
  const memory = createMemoryStore();
  let now = start;
  const launch = () => createEventRig({ memory, now: new Date(now).toISOString() });
  let app = launch();
  let restarts = 0;
  const pollerOf = (query: string) =>
    createEventPoller({
      firstAddress: `http://localhost:7071/api/budget-events${query}`,
      roll,
      ask: async (address) => {
        const { status, headers, events } = await app.poll(address);
        return { status, location: headers['location'], events };
      },
    });
  const pollers = {
    highest: pollerOf(''),
    at80: pollerOf('?threshold=80'),
    spend: pollerOf('?kind=firstSpendWithoutBudget'),
  };

  async function run(): Promise<void> {
    for (let hour = 0; hour < hours; hour += 1) {
      await app.publish(listOf(listDayOf(now)), (now - app.now()) / 60_000);
      for (const poller of Object.values(pollers)) if (roll() < 0.5) await poller.poll();
      // Who has no state yet is told nothing old, so the first answer is waited for.
      for (const poller of Object.values(pollers)) while (!poller.isStarted()) await poller.poll();
      now += hourMs;
      if (roll() < 0.03) {
        app = launch();
        restarts += 1;
      }
    }
    for (let last = 0; last < 30; last += 1) for (const poller of Object.values(pollers)) await poller.poll();
  }

  return { run, pollers, memory, restarts: () => restarts };
}

describe('GET /api/budget-events over 60 days', () => {
  it.each([1, 2])(
    'tells every crossing exactly once, whatever is lost, repeated or restarted (seed %d)',
    async (seed) => {
      const { run, pollers, memory, restarts } = simulate(seed);
      await run();
      const expected = expectedCrossings();
      expect(expected.size).toBeGreaterThan(150);
      expect(restarts()).toBeGreaterThan(20);
      for (const { lost } of Object.values(pollers)) expect(lost()).toBeGreaterThan(100);

      const at80 = pollers.at80.received.map(({ id }) => keyOf(id));
      expect(at80.toSorted()).toEqual([...expected.keys()].filter((key) => /_80_/.test(key)).toSorted());

      const thresholdEvents = pollers.highest.received.filter(({ kind }) => kind === 'budgetThreshold');
      const highest = [...expected].filter(([, one]) =>
        [...expected.values()].every(
          ({ day, customer, threshold }) => day !== one.day || customer !== one.customer || threshold <= one.threshold,
        ),
      );
      expect(thresholdEvents.map(({ id }) => keyOf(id)).toSorted()).toEqual(highest.map(([key]) => key).toSorted());

      const months = ['2026-11', '2026-12'];
      const spenders = Array.from({ length: customers }, (_, number) => customerOf(number)).filter(
        ({ budget, percentADay }) => budget === 0 && percentADay > 0,
      );
      const expectedSpend = months.flatMap((month) =>
        spenders.filter(({ stopsInNovember }) => !stopsInNovember).map(({ id }) => `${month} ${id}`),
      );
      const spend = pollers.spend.received.map(({ period, customerId }) => `${String(period)} ${customerId}`);
      expect(spend.toSorted()).toEqual(expectedSpend.toSorted());

      const all = pollers.highest.received;
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      const sequences = all.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
      expect(all.filter(({ kind }) => kind === 'projectedOverBudget').length).toBeGreaterThan(20);
      expect(memory.pointer()?.snapshot?.period).toBe('2026-12');
    },
    240_000,
  );
});
