import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filterEvents,
  expectFreshAgain,
  expectLastGood,
  list,
  listOutcomes,
  getRowsText,
  getSnapshot,
  refreshUnder,
  startWalk,
} from './fault-walk.ts';
import type { Walk } from './fault-walk.ts';
import { listChanges, oddAnswers, passingFaults } from './partner-center-answers.ts';

let walk: Walk;

beforeAll(async () => {
  walk = await startWalk({ USAGE_REFRESH_INTERVAL_MINUTES: '5' });
});
afterAll(() => walk.stage.end());

async function attempt(kind: string, times?: number) {
  const found = await refreshUnder(walk, 'partner-center', { kind, hours: 0.1, ...(times !== undefined && { times }) });
  return { ...found, reply: await walk.app.get(list) };
}

describe('a passing fault of Partner Center', () => {
  it.each(passingFaults)(
    '$kind, $times times: $calls calls bring the list',
    async ({ kind, times, calls, retries }) => {
      const found = await attempt(kind, times);
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
    const found = await attempt(kind);
    expect(listOutcomes(found.events)).toEqual(['refresh.unchanged']);
    expect(found.calls).toBe(calls);
    expectLastGood(walk, found.reply, undefined);
    await expectFreshAgain(walk);
  });

  it('count-mismatch: is said in the log', async () => {
    const { events } = await attempt('count-mismatch');
    expect(filterEvents(events, 'upstream.count-mismatch')).toMatchObject([{ totalCount: 81, recordCount: 60 }]);
    await expectFreshAgain(walk);
  });

  it.each(listChanges)('$kind: $holds', async ({ kind, holds, times }) => {
    const { events, reply } = await attempt(kind);
    expect(listOutcomes(events)).toEqual(['refresh.published']);
    expect(reply.status).toBe(200);
    expect(getSnapshot(reply)).toMatchObject({ state: 'fresh' });
    expect(getSnapshot(reply)).not.toHaveProperty('reason');
    expect(getRowsText(reply).split(holds)).toHaveLength(times + 1);
    await expectFreshAgain(walk);
  });

  it('null-budget: no row counts as having a budget', async () => {
    await attempt('null-budget');
    expect((await walk.app.get(`${list}?hasBudget=true`)).json).toMatchObject({ totalCount: 0 });
    expect((await walk.app.get(`${list}?hasBudget=false`)).json).toMatchObject({ totalCount: 60 });
    await expectFreshAgain(walk);
  });

  it('duplicate-ids: every row is served as it came', async () => {
    const { reply } = await attempt('duplicate-ids');
    expect(reply.json).toMatchObject({ totalCount: 63, snapshot: { recordCount: 63 } });
    expect(getRowsText(reply).startsWith(walk.rows.slice(0, -1))).toBe(true);
    await expectFreshAgain(walk);
  });
});
