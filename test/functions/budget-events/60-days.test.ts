import { describe, expect, it } from 'vitest';
import { createEventPoller, createRoll } from '../../support/rigs/event-poller.ts';
import { createEventRig } from '../../support/rigs/event-rig.ts';
import type { PolledEvent } from '../../support/rigs/event-rig.ts';
import { createMemoryStore } from '../../support/services/memory-store.ts';
import type { TestRow } from '../../support/lists/usage-rows.ts';
import { inWords, getListDay, createList, tellStory } from './usage-story.ts';

const hourMs = 3_600_000;
const start = Date.parse('2026-10-18T07:00:00Z');
const hours = 60 * 24;

const halfGone = (rows: readonly TestRow[]) => rows.slice(0, 14);
const zeroCost = (rows: readonly TestRow[]) => rows.map((row) => ({ ...row, totalCost: 0, percentUsed: 0 }));

/** Lists that are not true, from one hour until another; a longer one is confirmed by its own repetition. */
const badLists = [
  { from: '2026-10-25T10:00:00Z', to: '2026-10-25T15:00:00Z', change: zeroCost },
  { from: '2026-11-01T08:00:00Z', to: '2026-11-01T12:00:00Z', change: halfGone },
  { from: '2026-11-05T09:00:00Z', to: '2026-11-05T10:00:00Z', change: halfGone },
  { from: '2026-11-12T10:00:00Z', to: '2026-11-12T15:00:00Z', change: halfGone },
  { from: '2026-11-20T10:00:00Z', to: '2026-11-20T12:00:00Z', change: () => [] },
  { from: '2026-11-28T07:00:00Z', to: '2026-11-28T12:00:00Z', change: zeroCost },
  { from: '2026-12-10T08:00:00Z', to: '2026-12-10T09:00:00Z', change: zeroCost },
];

function servedAt(now: number): readonly TestRow[] {
  const bad = badLists.find(({ from, to }) => now >= Date.parse(from) && now < Date.parse(to));
  const rows = createList(getListDay(now));
  return bad === undefined ? rows : bad.change(rows);
}

/** An event in the story's words. */
function storyTextOf({ kind, threshold, isHighest, customerId, crossedAt, previousPercentUsed }: PolledEvent): string {
  const what = kind === 'budgetThreshold' ? `${threshold}${isHighest ? '*' : ''}` : kind;
  const from = previousPercentUsed === null ? null : Number(previousPercentUsed);
  return inWords(Number(customerId.slice(1)), getListDay(Date.parse(String(crossedAt))), what, from);
}

function simulate(seed: number) {
  const roll = createRoll(seed);
  const memory = createMemoryStore();
  const gates = { accepted: 0, confirmed: 0, refused: 0 };
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
    at50AndSpend: pollerOf('?threshold=50&kind=budgetThreshold,firstSpendWithoutBudget'),
  };

  async function run(): Promise<void> {
    for (let hour = 0; hour < hours; hour += 1) {
      await app.publish(servedAt(now), (now - app.now()) / 60_000);
      const pointer = memory.pointer();
      gates[pointer?.refusal ? 'refused' : (pointer?.snapshot?.gate ?? 'refused')] += 1;
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

  return { run, pollers, memory, gates, restarts: () => restarts };
}

describe('GET /api/budget-events over 60 days', () => {
  it.each([1, 2])(
    'tells exactly what the story says, each once, whatever is lost, repeated, restarted or refused (seed %d)',
    async (seed) => {
      const { run, pollers, memory, gates, restarts } = simulate(seed);
      await run();
      const story = tellStory(getListDay(start), getListDay(start + (hours - 1) * hourMs));
      const textsOf = (tellsOf: (what: string) => boolean) =>
        story
          .filter(({ what }) => tellsOf(what))
          .map(({ text }) => text)
          .toSorted();
      const told = (poller: keyof typeof pollers) => pollers[poller].received.map(storyTextOf).toSorted();

      expect(told('highest')).toEqual(textsOf((what) => !/^\d+$/.test(what)));
      expect(told('at80')).toEqual(textsOf((what) => /^80\*?$/.test(what)));
      expect(told('at50AndSpend')).toEqual(textsOf((what) => /^50\*?$|^firstSpend/.test(what)));

      const sequences = pollers.highest.received.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
      expect(new Set(pollers.highest.received.map(({ id }) => id)).size).toBe(sequences.length);
      // The story is not empty of what it is about.
      expect(story.length).toBeGreaterThan(150);
      for (const kind of ['firstSpendWithoutBudget', 'projectedOverBudget']) {
        expect(story.filter(({ what }) => what === kind).length).toBeGreaterThan(10);
      }
      expect(gates.confirmed).toBeGreaterThan(3);
      expect(gates.refused).toBeGreaterThan(5);
      expect(restarts()).toBeGreaterThan(20);
      for (const { lost } of Object.values(pollers)) expect(lost()).toBeGreaterThan(100);
      expect(memory.pointer()?.snapshot?.period).toBe('2026-12');
    },
    240_000,
  );
});
