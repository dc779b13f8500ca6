import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

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

  it('is a POST only', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      expect(await app.get(refresh, {}, method)).toMatchObject({ status: 404, body: '' });
    }
  });
});
