import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from './stage.ts';
import type { App, Stage } from './stage.ts';

const list = '/api/customers/usagerecords';
const refresh = '/api/refresh';

describe('POST /api/refresh', () => {
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    stage = await startStage({ customers: 12 });
    app = await stage.startApp();
    await app.tick();
  });
  afterAll(() => stage.end());

  it('is too soon within five minutes of a success, and asks nobody', async () => {
    const before = await stage.calls('usagerecords');
    const reply = await app.post(refresh);
    expect(reply).toMatchObject({ status: 429, json: { code: 'RefreshTooSoon' } });
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(240);
    expect(Number(reply.headers['retry-after'])).toBeLessThanOrEqual(300);
    expect(await stage.calls('usagerecords')).toBe(before);
  });

  it('fetches what is new, tells it, and is found by the next read', async () => {
    await stage.advanceHours(0.1);
    const { resourceId } = Object((await app.get(list)).json).value[1];
    await stage.control({ setRecord: { customerId: resourceId, raw: { totalCost: '77.70000000000000000001' } } });
    const reply = await app.post(refresh);
    const { snapshot } = Object(reply.json);
    expect(reply).toMatchObject({ status: 200, json: { outcome: 'published' } });
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(snapshot).toMatchObject({ state: 'fresh', recordCount: 12, estimate: true });
    const read = await app.get(list);
    expect(Object(read.json).snapshot).toEqual(snapshot);
    expect(read.body).toContain('"totalCost":77.70000000000000000001');
  });

  it('names itself as the trigger in the log', async () => {
    // Once the timer's end is in the log, everything before it is.
    await app.tick();
    const published = app.events.findLast(({ event }) => event === 'refresh.published');
    expect(published).toMatchObject({ trigger: 'caller' });
  });

  it('is one upstream call for many at once over two processes, and all get its outcome', async () => {
    const second = await stage.startApp();
    await stage.advanceHours(0.1);
    await stage.control({ latencyMs: 1500 });
    const before = await stage.calls('usagerecords');
    const replies = await Promise.all(
      [app, second].flatMap((each) => Array.from({ length: 5 }, () => each.post(refresh))),
    );
    expect(await stage.calls('usagerecords')).toBe(before + 1);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1);
    await stage.control({ latencyMs: 0 });
    await second.stop();
  });

  it('takes no parameter but the version', async () => {
    expect(await app.post(`${refresh}?wait=1`)).toMatchObject({ status: 400, json: { code: 'UnknownParameter' } });
    expect((await app.post(`${refresh}?api-version=2026-11-01`)).status).toBe(429);
  });

  it('is a POST only', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      expect(await app.get(refresh, {}, method)).toMatchObject({ status: 404, body: '' });
    }
  });

  it('tells why it failed and when to come again, while reads go on', async () => {
    await stage.advanceHours(0.1);
    await stage.fault('partner-center', '429', 10);
    await app.tick();
    app.takeEvents();
    const before = await stage.calls('usagerecords');
    const failed = await app.post(refresh);
    expect(failed).toMatchObject({ status: 503, json: { code: 'RefreshFailed', reason: 'UpstreamThrottled' } });
    const calls = await stage.calls('usagerecords');
    expect(calls).toBeGreaterThan(before);
    const held = await app.post(refresh);
    expect(held).toMatchObject({ status: 503, json: { code: 'RefreshFailed', reason: 'UpstreamThrottled' } });
    for (const { headers } of [failed, held]) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(await stage.calls('usagerecords')).toBe(calls);
    expect((await app.get(list)).status).toBe(200);
    await app.tick();
    const names = app.takeEvents().map(({ event }) => event);
    expect(names).toContain('refresh.failed');
    expect(names).not.toContain('read.unavailable');
    await stage.clearFaults();
  });

  it('works again once the back-off is over', async () => {
    await stage.advanceHours(0.2);
    expect((await app.post(refresh)).status).toBe(200);
  });
});
