import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEventPoller, createRoll } from '../support/event-poller.ts';
import { polledEvents } from '../support/event-rig.ts';
import { startStage } from './stage.ts';
import type { App, Stage } from './stage.ts';

const publicBaseUrl = 'https://usage.contoso.com';
const thresholds = [50, 80, 90, 100, 120];

const listSchema = z.object({
  value: z.array(
    z.looseObject({
      resourceId: z.string(),
      isUpgraded: z.boolean(),
      percentUsed: z.number(),
      totalCost: z.number(),
      budget: z.looseObject({ amount: z.number().optional() }),
      lastModifiedDate: z.string(),
    }),
  ),
});

type Row = z.infer<typeof listSchema>['value'][number];

const monthOf = ({ lastModifiedDate }: Row) => new Date(lastModifiedDate).toISOString().slice(0, 7);
const keyOf = ({ resourceId, isUpgraded }: Row) =>
  `${resourceId.toLowerCase()}_${isUpgraded ? 'azure-plan' : 'legacy'}`;

/** An event's id without the budget amount, which the crossings below leave out. */
const withoutBudget = (id: string) => id.replace(/^((?:[^_]*_){4}[^_]*)_.*$/, '$1');

/** What every list in turn crosses that the one before it had not, of the rows that show the list's month. */
function crossingsOf(lists: readonly (readonly Row[])[]): string[] {
  return lists.slice(1).flatMap((rows, at) => {
    const month = rows.map(monthOf).toSorted().at(-1) ?? '';
    const ofMonth = (row: Row) => monthOf(row) === month;
    return rows.filter(ofMonth).flatMap((row) => {
      const before = lists[at]?.filter(ofMonth).find((other) => keyOf(other) === keyOf(row));
      const { amount } = row.budget;
      if (amount === undefined) {
        const isFirstSpend = row.totalCost > 0 && !((before?.totalCost ?? 0) > 0);
        return isFirstSpend ? [`${month}_${keyOf(row)}_firstSpendWithoutBudget`] : [];
      }
      return thresholds
        .filter((threshold) => (before?.percentUsed ?? 0) < threshold && threshold <= row.percentUsed)
        .map((threshold) => `${month}_${keyOf(row)}_budgetThreshold_${threshold}`);
    });
  });
}

describe('GET /api/budget-events of the running app', () => {
  let stage: Stage;
  let app: App;

  const launch = () => stage.startApp({ PUBLIC_BASE_URL: publicBaseUrl });

  beforeAll(async () => {
    stage = await startStage({ customers: 120 });
    // Ten days from here the month has changed, whatever day it is.
    const { clock } = await stage.control();
    const now = new Date(clock.now);
    const fiveBefore = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - 5 * 86_400_000;
    await stage.advanceHours((fiveBefore - now.getTime()) / 3_600_000 + (fiveBefore < now.getTime() ? 24 * 31 : 0));
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
    for (const poller of pollers) while (!poller.isStarted()) await poller.poll();

    const lists: Row[][] = [];
    for (let tick = 0; tick <= 20; tick += 1) {
      if (tick > 0) await stage.advanceHours(12);
      if (tick % 6 === 5) {
        await app.stop();
        app = await launch();
      }
      await app.tick();
      const { json } = await app.get('/api/customers/usagerecords?maxpagesize=10000');
      lists.push(listSchema.parse(json).value);
      for (const poller of pollers) if (roll() < 0.7) await poller.poll();
    }
    for (let last = 0; last < 12; last += 1) for (const poller of pollers) await poller.poll();

    const expected = crossingsOf(lists);
    const months = new Set(expected.map((crossing) => crossing.slice(0, 7)));
    expect(months.size).toBe(2);
    expect(expected.length).toBeGreaterThan(50);
    const told = pollers.slice(0, -1).flatMap(({ received }) => received.map(({ id }) => withoutBudget(id)));
    expect(told.toSorted()).toEqual(expected.filter((crossing) => crossing.includes('_budgetThreshold_')).toSorted());

    const everything = pollers.at(-1)?.received ?? [];
    const spend = everything.filter(({ kind }) => kind === 'firstSpendWithoutBudget').map(({ id }) => id);
    expect(spend.toSorted()).toEqual(
      expected.filter((crossing) => crossing.endsWith('_firstSpendWithoutBudget')).toSorted(),
    );
    expect(new Set(everything.map(({ id }) => id)).size).toBe(everything.length);
    expect(app.events.filter(({ event }) => event === 'events.log-lost')).toEqual([]);
  }, 240_000);
});
