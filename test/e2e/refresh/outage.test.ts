import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

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
    // A 404 is not tried again, so nothing waits.
    await stage.fault('partner-center', '404');
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
