import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filterEvents, list, listOutcomes, getSnapshot, startWalk } from '../faults/fault-walk.ts';
import type { Walk } from '../faults/fault-walk.ts';

describe('the turn of a month', () => {
  let walk: Walk;

  beforeAll(async () => {
    walk = await startWalk();
    await walk.stage.advanceToDay(1, 0.5);
  });
  afterAll(() => walk.stage.end());

  /** Refreshes now; the answer with what the calendar says, as `2026-12`. */
  async function refresh() {
    const { stage, app } = walk;
    app.takeEvents();
    await app.tick();
    const { now } = (await stage.control()).clock;
    await stage.advanceHours(0.1);
    const reply = await app.get(list);
    expect(reply.status).toBe(200);
    const [year = 0, month = 0] = now.split('-').map(Number);
    const lastMonth = `${month === 1 ? year - 1 : year}-${String(month === 1 ? 12 : month - 1).padStart(2, '0')}`;
    return { events: app.takeEvents(), reply, snapshot: getSnapshot(reply), thisMonth: now.slice(0, 7), lastMonth };
  }

  it('shows the old month as long as Partner Center lists it', async () => {
    const first = await refresh();
    expect(first.snapshot).toMatchObject({ period: first.lastMonth, state: 'fresh', recordCount: 60 });
    expect(first.reply.headers['cache-status']).toContain(`period="${first.lastMonth}"`);
    await walk.stage.advanceHours(5);
    const last = await refresh();
    expect(listOutcomes(last.events)).toEqual(['refresh.unchanged']);
    expect(last.snapshot).toMatchObject({ period: first.lastMonth, state: 'fresh' });
    expect(last.reply.headers.etag).toBe(first.reply.headers.etag);
  });

  it('shows the new month with the first list of it, however much less it costs', async () => {
    await walk.stage.advanceHours(1.1);
    const { events, snapshot, thisMonth } = await refresh();
    expect(listOutcomes(events)).toEqual(['refresh.published']);
    expect(snapshot).toMatchObject({ period: thisMonth, state: 'fresh', recordCount: 60 });
    expect(snapshot).not.toHaveProperty('reason');
  });

  it('takes a list of zeros on the first, and doubts it once the month is older', async () => {
    const { stage } = walk;
    await stage.advanceHours(1.1);
    await stage.fault('partner-center', 'zero-cost');
    const first = await refresh();
    expect(listOutcomes(first.events)).toEqual(['refresh.published']);
    await stage.clearFaults();
    await stage.advanceToDay(2, 12.1);
    await refresh();
    await stage.fault('partner-center', 'zero-cost');
    await stage.advanceHours(1.1);
    const second = await refresh();
    expect(filterEvents(second.events, 'refresh.quarantined')).toMatchObject([{ rule: 'all-costs-zero' }]);
    expect(second.snapshot).toMatchObject({ reason: 'UpstreamImplausible' });
  });
});
