import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { createRefresh } from '../../shared/refresh/refresh.ts';
import { emptyPointer } from '../../shared/snapshot/pointer.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const throttled = (retryAfterMs?: number) => () =>
  Promise.reject(new DependencyError('UpstreamThrottled', 'asked to wait', { retryAfterMs }));

describe('createRefresh', () => {
  it('publishes the first list as a snapshot, a daily copy and a pointer that names it', async () => {
    const rig = createRefreshRig();
    const outcome = await rig.refresh('timer', rig.log.call);
    expect(outcome.kind).toBe('published');
    expect([...rig.memory.blobs.keys()]).toEqual([
      expect.stringMatching(/^snapshots\/2026-11\/2026-11-20T120000Z-[0-9a-f]{16}\.ndjson\.gz$/),
      expect.stringMatching(/^daily\/2026-11\/2026-11-20T120000Z-[0-9a-f]{16}\.ndjson\.gz$/),
    ]);
    expect(rig.memory.pointer()).toMatchObject({
      schemaVersion: 1,
      snapshot: {
        period: '2026-11',
        fetchedAt: Date.parse('2026-11-20T12:00:00Z'),
        recordCount: 4,
        upgradedCount: 4,
        upstreamTotalCount: 4,
        gate: 'accepted',
        eventsBlob: null,
      },
      failure: null,
      refusal: null,
      refreshTokenIssuedAt: Date.parse('2026-11-01T00:00:00Z'),
    });
    expect(rig.log.names()).toEqual(['refresh.published']);
    expect(rig.released()).toBe(1);
  });

  it('moves only fetchedAt when the content is equal', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    const first = rig.memory.pointer()?.snapshot;
    rig.advanceMinutes(60);
    const outcome = await rig.refresh('timer', rig.log.call);
    expect(outcome.kind).toBe('unchanged');
    expect(rig.memory.pointer()?.snapshot).toEqual({ ...first, fetchedAt: Date.parse('2026-11-20T13:00:00Z') });
    expect(rig.log.names()).toEqual(['refresh.published', 'refresh.unchanged']);
    expect(rig.memory.blobs.size).toBe(2);
    expect(rig.memory.operations.filter((operation) => operation.startsWith('writeLines snapshots/'))).toHaveLength(1);
  });

  it('logs how long it took', async () => {
    const rig = createRefreshRig();
    rig.serve(() => {
      rig.advanceMinutes(2);
      return Promise.resolve(createDownload(createRows(4)));
    });
    await rig.refresh('timer', rig.log.call);
    expect(rig.log.events).toMatchObject([{ event: 'refresh.published', durationMs: 120_000 }]);
  });

  it('lets nobody refresh for five minutes after a success', async () => {
    const rig = createRefreshRig();
    await rig.refresh('reader', rig.log.call);
    rig.advanceMinutes(4.99);
    expect(await rig.refresh('reader', rig.log.call)).toMatchObject({ kind: 'skipped', why: 'recent' });
    rig.advanceMinutes(0.01);
    expect((await rig.refresh('reader', rig.log.call)).kind).toBe('unchanged');
    expect(rig.downloads()).toBe(2);
  });

  it('lets the timer refresh only once the interval is over', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(59);
    expect(await rig.refresh('timer', rig.log.call)).toEqual({ kind: 'skipped', why: 'not-due', retryAfterMs: 60_000 });
    rig.advanceMinutes(1);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('unchanged');
  });

  it('refreshes when the clock was set back behind the last success', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(-600);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('unchanged');
  });

  it('refreshes when the clock was set back behind the last failure', async () => {
    const rig = createRefreshRig();
    rig.serve(throttled());
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(-600);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('failed');
    expect(rig.downloads()).toBe(2);
  });

  it('takes an instance whose clock is a little behind for no clock set back', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(-1);
    expect(await rig.refresh('reader', rig.log.call)).toMatchObject({ why: 'recent', retryAfterMs: 360_000 });
    rig.advanceMinutes(61);
    rig.serve(throttled());
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(-1);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ why: 'backing-off', retryAfterMs: 120_000 });
  });

  it('shares one run between callers of a process', async () => {
    const rig = createRefreshRig();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => rig.refresh('reader', rig.log.call)));
    expect(rig.downloads()).toBe(1);
    expect(new Set(outcomes).size).toBe(1);
  });

  it('starts nothing while another process holds the lease', async () => {
    const rig = createRefreshRig();
    rig.holdLeaseElsewhere(true);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'skipped', why: 'lease-held' });
    expect(rig.downloads()).toBe(0);
    expect(rig.log.events).toEqual([{ event: 'refresh.skipped', trigger: 'timer', why: 'lease-held' }]);
  });

  it('starts nothing when the process that held the lease before has just published', async () => {
    const rig = createRefreshRig();
    const other = createRefreshRig({ memory: rig.memory });
    const lease = {
      async acquire() {
        await other.refresh('timer', other.log.call);
        return rig.deps.lease.acquire();
      },
    };
    const refresh = createRefresh({ ...rig.deps, lease });
    expect(await refresh('timer', rig.log.call)).toMatchObject({ kind: 'skipped', why: 'recent' });
    expect(rig.downloads()).toBe(0);
    expect(rig.released()).toBe(1);
  });

  it('backs off 1, 2, 5, 15, 30 and 30 minutes, and forgets it with the first success', async () => {
    const rig = createRefreshRig();
    rig.serve(throttled());
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await rig.refresh('timer', rig.log.call);
      const failure = rig.memory.pointer()?.failure;
      waits.push(((failure?.notBefore ?? 0) - (failure?.at ?? 0)) / 60_000);
      expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'skipped', why: 'backing-off' });
      rig.advanceMinutes(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1, 2, 5, 15, 30, 30]);
    expect(rig.downloads()).toBe(6);
    rig.serve(() => Promise.resolve(createDownload(createRows(4))));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
    expect(rig.memory.pointer()?.failure).toBeNull();
  });

  it('waits as long as the other side asked when that is longer', async () => {
    const rig = createRefreshRig();
    rig.serve(throttled(10 * 60_000));
    expect(await rig.refresh('timer', rig.log.call)).toEqual({
      kind: 'failed',
      code: 'UpstreamThrottled',
      retryAfterMs: 600_000,
    });
  });

  it('tries again after UpstreamAuthRequired only when the refresh-token secret has a new version', async () => {
    const rig = createRefreshRig();
    rig.serve(() => Promise.reject(new DependencyError('UpstreamAuthRequired', 'invalid_grant')));
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(24 * 60);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'skipped', why: 'waiting-for-token' });
    expect(rig.downloads()).toBe(1);
    rig.setToken({ version: 'v2', issuedAt: rig.now() });
    rig.serve(() => Promise.resolve(createDownload(createRows(4))));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
  });

  it('asks for a new version of the refused token once a minute, however many readers come, and at each tick', async () => {
    const rig = createRefreshRig();
    let asked = 0;
    const reread = async () => {
      asked += 1;
      return rig.deps.tokens.reread();
    };
    const refresh = createRefresh({ ...rig.deps, tokens: { ...rig.deps.tokens, reread } });
    rig.serve(() => Promise.reject(new DependencyError('UpstreamAuthRequired', 'invalid_grant')));
    await refresh('timer', rig.log.call);
    rig.advanceMinutes(24 * 60);
    const known: number[] = [];
    for (const minutes of [0, 0, 0.5, 0.4, 0.2]) {
      rig.advanceMinutes(minutes);
      expect(await refresh('reader', rig.log.call)).toMatchObject({ kind: 'skipped', why: 'waiting-for-token' });
      known.push(asked);
    }
    expect(known).toEqual([1, 1, 1, 1, 2]);
    await refresh('timer', rig.log.call);
    expect(asked).toBe(3);
  });

  it('comes back up to a tenth sooner, so that instances spread', async () => {
    const rig = createRefreshRig();
    rig.serve(() => Promise.reject(new DependencyError('UpstreamUnavailable', 'down')));
    const refresh = createRefresh({ ...rig.deps, random: () => 0.5 });
    expect(await refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', retryAfterMs: 57_000 });
  });

  it('backs off as usual when the version of the refused token is unknown', async () => {
    const rig = createRefreshRig();
    rig.setToken(new DependencyError('SecretsUnavailable', 'the vault is down'));
    rig.serve(() => Promise.reject(new DependencyError('UpstreamAuthRequired', 'invalid_grant')));
    await rig.refresh('timer', rig.log.call);
    expect(rig.memory.pointer()?.failure).toMatchObject({ code: 'UpstreamAuthRequired', refreshTokenVersion: null });
    rig.advanceMinutes(1);
    await rig.refresh('timer', rig.log.call);
    expect(rig.downloads()).toBe(2);
  });

  it('leaves a pointer of a newer version alone', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    rig.memory.setPointer({ ...emptyPointer, ...rig.memory.pointer(), schemaVersion: 2 });
    rig.advanceMinutes(600);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'skipped', why: 'newer-pointer' });
    expect(rig.log.names().at(-1)).toBe('pointer.newer');
    expect(rig.downloads()).toBe(1);
  });

  it('names a defect of its own in the log and backs off', async () => {
    const rig = createRefreshRig();
    rig.serve(() => Promise.reject(new TypeError('secret text')));
    await rig.refresh('timer', rig.log.call);
    expect(rig.log.events[0]).toMatchObject({
      event: 'refresh.failed',
      code: 'UpstreamUnavailable',
      failure: 'TypeError',
    });
    expect(JSON.stringify(rig.log.events)).not.toContain('secret text');
  });
});
