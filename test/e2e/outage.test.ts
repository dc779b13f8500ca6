import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from './stage.ts';
import type { App, Stage } from './stage.ts';

const list = '/api/customers/usagerecords';

describe('an outage of Partner Center', () => {
  let stage: Stage;
  let app: App;
  let fetchedAt: string;

  beforeAll(async () => {
    stage = await startStage({ customers: 12 });
    await stage.advanceToDay(10, 7);
    app = await stage.startApp();
    await app.tick();
    fetchedAt = Object((await app.get(list)).json).snapshot.fetchedAt;
    await stage.fault('partner-center', '503');
  });
  afterAll(() => stage.end());

  it.each([
    [0.5, 'fresh', undefined],
    [0.6, 'fresh', 'UpstreamUnavailable'],
    [1, 'stale', 'UpstreamUnavailable'],
    [23, 'degraded', 'UpstreamUnavailable'],
    [24 * 5, 'degraded', 'UpstreamUnavailable'],
  ])('%d hours later reads go on: %s, %s', async (hours, state, reason) => {
    await stage.advanceHours(hours);
    await app.tick();
    const reply = await app.get(list);
    expect(reply.status).toBe(200);
    const { snapshot } = Object(reply.json);
    expect(snapshot).toEqual({ period: snapshot.period, state, reason, fetchedAt, recordCount: 12, estimate: true });
    expect(reply.headers['cache-status']).toMatch(new RegExp(`^usage; hit; ttl=-?\\d+; detail=${state}; period="`));
    expect(Date.parse(String(reply.headers['last-modified']))).toBe(Math.floor(Date.parse(fetchedAt) / 1000) * 1000);
  });

  it('expires after seven days with 503 SnapshotExpired and the reason', async () => {
    await stage.advanceHours(24 * 2);
    const reply = await app.get(list);
    expect(reply).toMatchObject({ status: 503, json: { code: 'SnapshotExpired', reason: 'UpstreamUnavailable' } });
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    const ready = await app.get('/api/health/ready');
    expect(ready).toMatchObject({ status: 503, json: { status: 'fail', snapshot: { state: 'expired' } } });
  });

  it('is over within a tick', async () => {
    await stage.clearFaults();
    await stage.advanceHours(1);
    await app.tick();
    expect((await app.get(list)).json).toMatchObject({ snapshot: { state: 'fresh' } });
    expect((await app.get('/api/health/ready')).json).toMatchObject({
      status: 'pass',
      warnings: [],
      lastFailure: null,
    });
  });
});

describe('conditional requests', () => {
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    stage = await startStage({ customers: 12 });
    await stage.advanceToDay(10, 7);
    app = await stage.startApp();
    await app.tick();
  });
  afterAll(() => stage.end());

  it('answers 304 with age and state for the last ETag, and a body for another query', async () => {
    const first = await app.get(`${list}?hasBudget=true`);
    const etag = String(first.headers.etag);
    const again = await app.get(`${list}?hasBudget=true`, { 'if-none-match': etag });
    expect(again).toMatchObject({ status: 304, body: '' });
    expect(again.headers).toMatchObject({
      etag,
      'last-modified': first.headers['last-modified'],
      'cache-status': expect.stringContaining('detail=fresh'),
      'cache-control': 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400',
      vary: 'Accept, Accept-Encoding',
    });
    const other = await app.get(`${list}?hasBudget=false`, { 'if-none-match': etag });
    expect(other.status).toBe(200);
    expect((await app.get(`${list}?hasBudget=true&skip=0&code=k`, { 'if-none-match': `"x", ${etag}` })).status).toBe(
      304,
    );
  });

  it('keeps the ETag over a refresh with equal content, and changes it with the content', async () => {
    const first = await app.get(list);
    await stage.advanceHours(1);
    await app.tick();
    await stage.advanceHours(0.02);
    await app.get(list);
    const refreshed = await app.get(list);
    expect(Object(refreshed.json).snapshot.fetchedAt).not.toBe(Object(first.json).snapshot.fetchedAt);
    expect(refreshed.headers.etag).toBe(first.headers.etag);
    const { resourceId } = Object(first.json).value[1];
    await stage.control({ setRecord: { customerId: resourceId, raw: { totalCost: '130.00000000000000000001' } } });
    await stage.advanceHours(1);
    await app.tick();
    await stage.advanceHours(0.2);
    const changed = await app.get(list, { 'if-none-match': String(first.headers.etag) });
    expect(changed.status).toBe(200);
    expect(changed.body).toContain('"totalCost":130.00000000000000000001');
  });
});
