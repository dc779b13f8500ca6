import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUsageRow, findListDay } from '../../../local/cloud/partner-center/usage-data.ts';
import { createEventPoller, createRoll } from '../../support/rigs/event-poller.ts';
import { polledEvents } from '../../support/rigs/event-rig.ts';
import type { PolledEvent } from '../../support/rigs/event-rig.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

const publicBaseUrl = 'https://usage.contoso.com';
const thresholds = [50, 80, 90, 100, 120];

const ticks = 21;
const customers = 120;
/** How many of the records are listed: some are gone for three ticks in each of the months. */
const listedAt = (tick: number) => ([4, 5, 6, 14, 15, 16].includes(tick) ? 80 : customers);

/** A customer whose costs rise, are corrected downwards, and rise again: from each tick on its percentage of a budget of 1000. */
const correctedNumber = 100;
const percents = new Map([
  [0, 45],
  [2, 85],
  [3, 40],
  [7, 95],
]);

type Row = {
  readonly key: string;
  readonly budget: number | undefined;
  readonly percent: number;
  readonly cost: number;
};

/** A record of Partner Center's at a tick, out of the generator that the local cloud serves. */
function rowAt(number: number, day: number, tick: number): Row {
  const row = createUsageRow(number, day);
  const key = `${String(JSON.parse(row['resourceId'] ?? '')).toLowerCase()}_${row['isUpgraded'] === 'true' ? 'azure-plan' : 'legacy'}`;
  if (number === correctedNumber) {
    const percent = [...percents].findLast(([from]) => from <= tick)?.[1] ?? 0;
    return { key, budget: 1000, percent, cost: percent * 10 };
  }
  const { amount } = JSON.parse(row['budget'] ?? '{}');
  return { key, budget: amount, percent: Number(row['percentUsed']), cost: Number(row['totalCost']) };
}

/** What each tick's list has for the first time in its month, against the list that had the row last; `days` are those listed. */
function tellStory(days: readonly number[]): string[] {
  const last = new Map<string, { readonly month: string; readonly row: Row }>();
  const told = new Set<string>();
  for (const [tick, day] of days.entries()) {
    const month = new Date(day).toISOString().slice(0, 7);
    for (let number = 0; number < listedAt(tick); number += 1) {
      const row = rowAt(number, day, tick);
      const seen = last.get(row.key);
      const before = seen?.month === month ? seen.row : undefined;
      last.set(row.key, { month, row });
      if (tick === 0) continue;
      for (const what of whatHappened(row, before)) told.add(`${month}_${row.key}_${what}`);
    }
  }
  return [...told];
}

function whatHappened({ budget, percent, cost }: Row, before: Row | undefined): string[] {
  if (budget === undefined) return cost > 0 && !((before?.cost ?? 0) > 0) ? ['firstSpendWithoutBudget'] : [];
  return thresholds
    .filter((threshold) => (before?.percent ?? 0) < threshold && threshold <= percent)
    .map((threshold) => `budgetThreshold_${threshold}`);
}

/** An event in the same words: its id without the budget, and with the month of the list it was found in. */
function inWords({ id, crossedAt }: PolledEvent): string {
  const month = new Date(findListDay(Date.parse(String(crossedAt)))).toISOString().slice(0, 7);
  const [, customerId, row, kind, threshold] = id.split('_');
  return [month, customerId, row, kind, ...(kind === 'budgetThreshold' ? [threshold] : [])].join('_');
}

describe('GET /api/budget-events of the running app', () => {
  let stage: Stage;
  let app: App;

  async function correctTo(percent: number): Promise<void> {
    const customerId: unknown = JSON.parse(createUsageRow(correctedNumber, 0)['resourceId'] ?? '');
    const members = { budget: { amount: 1000 }, percentUsed: percent, totalCost: percent * 10 };
    await stage.control({ setRecord: { customerId, members } });
  }

  const launch = () => stage.startApp({ PUBLIC_BASE_URL: publicBaseUrl });

  beforeAll(async () => {
    stage = await startStage({ customers });
    // Ten days from here the month has changed, whatever day it is.
    const { clock } = await stage.control();
    const now = new Date(clock.now);
    const fiveBefore = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - 5 * 86_400_000;
    await stage.advanceHours((fiveBefore - now.getTime()) / 3_600_000 + (fiveBefore < now.getTime() ? 24 * 31 : 0));
    await correctTo(percents.get(0) ?? 0);
    app = await launch();
    await app.tick();
  });
  afterAll(() => stage.end());

  it('answers 202 with Location and Retry-After at first, also to HEAD, and 400 for a strange threshold', async () => {
    const first = await app.get('/api/budget-events?threshold=80');
    expect(first).toMatchObject({ status: 202, body: '' });
    expect(first.headers).toMatchObject({
      location: expect.stringMatching(
        /^https:\/\/usage\.contoso\.com\/api\/budget-events\?threshold=80&since=[\w-]{12}$/,
      ),
      'retry-after': '300',
      'cache-control': 'no-store',
      'cache-status': expect.stringContaining('detail=fresh'),
    });
    const head = await app.head('/api/budget-events?threshold=80');
    expect(head).toMatchObject({ status: 202, headers: { location: first.headers['location'] } });
    const bad = await app.get('/api/budget-events?threshold=81');
    expect(bad).toMatchObject({
      status: 400,
      json: { code: 'InvalidParameter', errors: [{ parameter: 'threshold', allowed: thresholds.map(String) }] },
    });
    expect((await app.get('/api/budget-events', { 'x-functions-key': 'wrong' })).status).toBe(401);
  });

  it('tells every crossing of ten days and a month change once, over lost answers, repeats and restarts', async () => {
    const roll = createRoll(7);
    const pollerOf = (query: string) =>
      createEventPoller({
        firstAddress: `${publicBaseUrl}/api/budget-events${query}`,
        roll,
        ask: async (address) => {
          const { status, headers, body } = await app.get(address.replace(publicBaseUrl, ''));
          return { status, location: headers.location, events: polledEvents(body) };
        },
      });
    const pollers = [...thresholds.map((threshold) => pollerOf(`?threshold=${threshold}`)), pollerOf('')];
    const days: number[] = [];
    for (let tick = 0; tick < ticks; tick += 1) {
      if (tick > 0) await stage.advanceHours(12);
      const { clock } = await stage.control({ customers: listedAt(tick) });
      const percent = percents.get(tick);
      if (percent !== undefined) await correctTo(percent);
      days.push(findListDay(Date.parse(clock.now)));
      if (tick % 6 === 5) {
        await app.stop();
        app = await launch();
      }
      await app.tick();
      for (const poller of pollers) if (roll() < 0.7) await poller.poll();
      // Who has no state yet is told nothing old, so the first answer is waited for.
      for (const poller of pollers) while (!poller.isStarted()) await poller.poll();
    }
    for (let last = 0; last < 12; last += 1) for (const poller of pollers) await poller.poll();

    const expected = tellStory(days);
    const months = new Set(expected.map((crossing) => crossing.slice(0, 7)));
    expect(months.size).toBe(2);
    expect(expected.length).toBeGreaterThan(50);
    const told = pollers.slice(0, -1).flatMap(({ received }) => received.map(inWords));
    expect(told.toSorted()).toEqual(expected.filter((crossing) => crossing.includes('_budgetThreshold_')).toSorted());

    const everything = pollers.at(-1)?.received ?? [];
    const spend = everything.filter(({ kind }) => kind === 'firstSpendWithoutBudget').map(inWords);
    expect(spend.toSorted()).toEqual(
      expected.filter((crossing) => crossing.endsWith('_firstSpendWithoutBudget')).toSorted(),
    );
    expect(new Set(everything.map(({ id }) => id)).size).toBe(everything.length);
    expect(app.events.filter(({ event }) => event === 'events.log-lost')).toEqual([]);
  });
});
