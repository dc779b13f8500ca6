import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { createRefreshOnDemand } from '../../shared/refresh/on-demand.ts';
import { createRefresh } from '../../shared/refresh/refresh.ts';
import { emptyPointer } from '../../shared/snapshot/pointer.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const throttled = () =>
  Promise.reject(new DependencyError('UpstreamThrottled', 'asked to wait', { retryAfterMs: 120_000 }));

/** Patience ends only by `tire`; every shorter wait lets the `other` process do its next step. */
function createOnDemandRig(rig = createRefreshRig()) {
  const patience = Promise.withResolvers<void>();
  const steps: (() => Promise<void>)[] = [];
  const waits: number[] = [];
  const refreshOnDemand = createRefreshOnDemand({
    refresh: rig.refresh,
    store: rig.memory.store,
    async sleep(ms, signal) {
      waits.push(ms);
      signal.throwIfAborted();
      await (ms === 100_000 ? patience.promise : steps.shift()?.());
      signal.throwIfAborted();
    },
  });
  return {
    ...rig,
    waits,
    tire: patience.resolve,
    ask: () => refreshOnDemand(rig.log.call),
    /** What happens at each look while another process holds the lease. */
    meanwhile(...next: (() => Promise<void>)[]) {
      rig.holdLeaseElsewhere(true);
      steps.push(...next);
    },
    /** Another process of the same storage refreshes and lets the lease go. */
    async refreshElsewhere(): Promise<void> {
      rig.holdLeaseElsewhere(false);
      await createRefresh(rig.deps)('timer', rig.log.call);
    },
  };
}

describe('createRefreshOnDemand', () => {
  it('refreshes now, though the timer would find nothing due', async () => {
    const rig = createOnDemandRig();
    expect(await rig.ask()).toMatchObject({ kind: 'published', info: { recordCount: 4 } });
    rig.advanceMinutes(6);
    expect(await rig.ask()).toMatchObject({ kind: 'unchanged', info: { fetchedAt: rig.now() } });
    expect(rig.downloads()).toBe(2);
    expect(rig.log.events[0]).toMatchObject({ event: 'refresh.published', trigger: 'caller' });
  });

  it('joins a run of this process', async () => {
    const rig = createOnDemandRig();
    const [timer, ...callers] = await Promise.all([rig.refresh('timer', rig.log.call), rig.ask(), rig.ask()]);
    expect(timer.kind).toBe('published');
    expect(callers.map(({ kind }) => kind)).toEqual(['published', 'published']);
    expect(rig.downloads()).toBe(1);
  });

  it('starts its own run when the one it joined only found nothing due', async () => {
    const rig = createOnDemandRig();
    await rig.ask();
    rig.advanceMinutes(6);
    const [timer, caller] = await Promise.all([rig.refresh('timer', rig.log.call), rig.ask()]);
    expect(timer).toMatchObject({ kind: 'skipped', why: 'not-due' });
    expect(caller.kind).toBe('unchanged');
  });

  it('is too soon within five minutes of a success, and says when it will not be', async () => {
    const rig = createOnDemandRig();
    await rig.ask();
    rig.advanceMinutes(2);
    expect(await rig.ask()).toEqual({ kind: 'too-soon', retryAfterMs: 180_000 });
    expect(rig.downloads()).toBe(1);
  });

  it.each([
    [4, 'unchanged'],
    [5, 'published'],
  ])('joins a run of another process and tells its outcome', async (count, kind) => {
    const rig = createOnDemandRig();
    await rig.ask();
    rig.advanceMinutes(61);
    rig.serve(() => Promise.resolve(createDownload(createRows(count))));
    rig.meanwhile(
      async () => undefined,
      () => rig.refreshElsewhere(),
    );
    expect(await rig.ask()).toMatchObject({ kind, info: { recordCount: count, fetchedAt: rig.now() } });
    expect(rig.waits.filter((ms) => ms !== 100_000)).toEqual([1000, 1000]);
    expect(rig.downloads()).toBe(2);
  });

  it('joins the very first run of another process', async () => {
    const rig = createOnDemandRig();
    rig.meanwhile(() => rig.refreshElsewhere());
    expect((await rig.ask()).kind).toBe('published');
  });

  it('tells the failure of another process', async () => {
    const rig = createOnDemandRig();
    rig.serve(throttled);
    rig.meanwhile(() => rig.refreshElsewhere());
    expect(await rig.ask()).toEqual({ kind: 'failed', code: 'UpstreamThrottled', retryAfterMs: 120_000 });
  });

  it('takes over from a process that died', async () => {
    const rig = createOnDemandRig();
    rig.meanwhile(async () => rig.holdLeaseElsewhere(false));
    expect((await rig.ask()).kind).toBe('published');
  });

  it('tells why a refresh failed, and while backing off when it may be tried again', async () => {
    const rig = createOnDemandRig();
    rig.serve(throttled);
    expect(await rig.ask()).toEqual({ kind: 'failed', code: 'UpstreamThrottled', retryAfterMs: 120_000 });
    rig.advanceMinutes(0.5);
    expect(await rig.ask()).toEqual({ kind: 'failed', code: 'UpstreamThrottled', retryAfterMs: 90_000 });
    expect(rig.downloads()).toBe(1);
  });

  it('promises nothing for waiting when somebody has to consent again', async () => {
    const rig = createOnDemandRig();
    rig.serve(() => Promise.reject(new DependencyError('UpstreamAuthRequired', 'invalid_grant')));
    const refused = { kind: 'failed', code: 'UpstreamAuthRequired', retryAfterMs: undefined };
    expect(await rig.ask()).toEqual(refused);
    expect(await rig.ask()).toEqual(refused);
  });

  it('leaves it to a newer version of the service', async () => {
    const rig = createOnDemandRig();
    rig.memory.setPointer({ ...emptyPointer, schemaVersion: 2 });
    expect(await rig.ask()).toEqual({ kind: 'failed', code: undefined, retryAfterMs: 300_000 });
  });

  it('stops waiting after 100 s for a run that goes on by itself', async () => {
    const rig = createOnDemandRig();
    const download = Promise.withResolvers<ReturnType<typeof createDownload>>();
    rig.serve(() => download.promise);
    const asked = rig.ask();
    rig.tire();
    expect(await asked).toEqual({ kind: 'running' });
    download.resolve(createDownload(createRows(3)));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
  });

  it('stops looking once it has answered', async () => {
    const rig = createOnDemandRig();
    const seen = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    rig.meanwhile(() => {
      seen.resolve();
      return gate.promise;
    });
    const asked = rig.ask();
    await seen.promise;
    rig.tire();
    expect(await asked).toEqual({ kind: 'running' });
    const looks = rig.log.events.length;
    gate.resolve();
    await gate.promise;
    expect(rig.log.events).toHaveLength(looks);
  });
});
