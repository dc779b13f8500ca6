import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filterEvents,
  expectFreshAgain,
  expectLastGood,
  list,
  listOutcomes,
  getRowsText,
  getSnapshot,
  startWalk,
} from './fault-walk.ts';
import type { Walk } from './fault-walk.ts';
import { listChanges, oddAnswers, passingFaults } from './partner-center-answers.ts';

let walk: Walk;

beforeAll(async () => {
  walk = await startWalk({ USAGE_REFRESH_INTERVAL_MINUTES: '5' });
});
afterAll(() => walk.stage.end());

async function refreshUnder(kind: string, times?: number) {
  const { stage, app } = walk;
  await stage.advanceHours(0.1);
  app.takeEvents();
  const before = await stage.calls('usagerecords');
  await stage.fault('partner-center', kind, times);
  await app.tick();
  const calls = (await stage.calls('usagerecords')) - before;
  return { calls, events: app.takeEvents(), reply: await app.get(list) };
}

describe('a passing fault of Partner Center', () => {
  it.each(passingFaults)(
    '$kind, $times times: $calls calls bring the list',
    async ({ kind, times, calls, retries }) => {
      const found = await refreshUnder(kind, times);
      expect(listOutcomes(found.events)).toEqual(['refresh.unchanged']);
      expect(found.calls).toBe(calls);
      expect(filterEvents(found.events, 'upstream.retried')).toHaveLength(retries);
      expectLastGood(walk, found.reply, undefined);
      await expectFreshAgain(walk);
    },
  );
});

describe('an odd answer of Partner Center', () => {
  it.each(oddAnswers)('$kind: the same list', async ({ kind, calls }) => {
    const found = await refreshUnder(kind);
    expect(listOutcomes(found.events)).toEqual(['refresh.unchanged']);
    expect(found.calls).toBe(calls);
    expectLastGood(walk, found.reply, undefined);
    await expectFreshAgain(walk);
  });

  it('count-mismatch: is said in the log', async () => {
    const { events } = await refreshUnder('count-mismatch');
    expect(filterEvents(events, 'upstream.count-mismatch')).toMatchObject([{ totalCount: 81, recordCount: 60 }]);
    await expectFreshAgain(walk);
  });

  it.each(listChanges)('$kind: $holds', async ({ kind, holds, times }) => {
    const { events, reply } = await refreshUnder(kind);
    expect(listOutcomes(events)).toEqual(['refresh.published']);
    expect(reply.status).toBe(200);
    expect(getSnapshot(reply)).toMatchObject({ state: 'fresh' });
    expect(getSnapshot(reply)).not.toHaveProperty('reason');
    expect(getRowsText(reply).split(holds)).toHaveLength(times + 1);
    await expectFreshAgain(walk);
  });

  it('null-budget: no row counts as having a budget', async () => {
    await refreshUnder('null-budget');
    expect((await walk.app.get(`${list}?hasBudget=true`)).json).toMatchObject({ totalCount: 0 });
    expect((await walk.app.get(`${list}?hasBudget=false`)).json).toMatchObject({ totalCount: 60 });
    await expectFreshAgain(walk);
  });

  it('duplicate-ids: every row is served as it came', async () => {
    const { reply } = await refreshUnder('duplicate-ids');
    expect(reply.json).toMatchObject({ totalCount: 63, snapshot: { recordCount: 63 } });
    expect(getRowsText(reply).startsWith(walk.rows.slice(0, -1))).toBe(true);
    await expectFreshAgain(walk);
  });
});
