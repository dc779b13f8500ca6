import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { createSnapshotReader } from '../../shared/reading/snapshot-reader.ts';
import { createTestCall } from '../support/call.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const hour = 3_600_000;
const limits = { freshMs: 1.5 * hour, staleMs: 24 * hour, degradedMs: 7 * 24 * hour };
const outage = () => Promise.reject(new DependencyError('UpstreamUnavailable', 'down'));
const storageDown = () => {
  throw new DependencyError('StorageUnavailable', 'storage is down', { details: { status: 503 } });
};

function readerOver(rig: ReturnType<typeof createRefreshRig>) {
  const slept: number[] = [];
  const reader = createSnapshotReader({
    ...rig.deps,
    refresh: rig.refresh,
    limits,
    sleep: async (ms) => {
      slept.push(ms);
      // A wait that the test does not end itself never ends: what is awaited beside it decides.
      if (ms === 1000) await new Promise(() => undefined);
    },
  });
  return { ...reader, slept };
}

async function warmed() {
  const rig = createRefreshRig();
  await rig.refresh('timer', rig.log.call);
  const reader = readerOver(rig);
  await reader.getOrRefresh(rig.log.call);
  rig.memory.operations.length = 0;
  return { rig, reader };
}

/** A reader whose check of the pointer has read it, and waits for the answer. */
async function slowlyChecked() {
  const rig = createRefreshRig();
  await rig.refresh('timer', rig.log.call);
  const { store } = rig.memory;
  let pending = Promise.resolve();
  const readPointer: typeof store.readPointer = async (...given) => {
    const [stored] = await Promise.all([store.readPointer(...given), pending]);
    return stored;
  };
  const reader = readerOver({ ...rig, deps: { ...rig.deps, store: { ...store, readPointer } } });
  await reader.getOrRefresh(rig.log.call);
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  pending = promise;
  rig.advanceMinutes(0.51);
  await reader.getOrRefresh(rig.log.call);
  await setImmediate();
  pending = Promise.resolve();
  async function publishElsewhere(): Promise<void> {
    const writer = createRefreshRig({ memory: rig.memory, now: '2026-11-20T13:00:00Z' });
    writer.serve(() => Promise.resolve(createDownload(createRows(5))));
    await writer.refresh('timer', writer.log.call);
    rig.memory.operations.length = 0;
  }
  return { rig, reader, answer, publishElsewhere };
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('createSnapshotReader', () => {
  it('lets go of a replaced list once it has read the pointer, before anybody asks for the new one', async () => {
    const { rig, reader } = await warmed();
    const replaced = new WeakRef((await reader.getOrRefresh(rig.log.call)).snapshot);
    rig.serve(() => Promise.resolve(createDownload(createRows(5))));
    rig.advanceMinutes(61);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
    await reader.revalidate(rig.log.call);
    await setImmediate();
    collectGarbage();
    expect(replaced.deref()).toBeUndefined();
  });

  it('answers from memory without touching storage', async () => {
    const { rig, reader } = await warmed();
    const served = await Promise.all(Array.from({ length: 1000 }, () => reader.getOrRefresh(rig.log.call)));
    expect(served.every(({ state, reason }) => state === 'fresh' && reason === undefined)).toBe(true);
    expect(rig.memory.operations).toEqual([]);
    expect(rig.downloads()).toBe(1);
  });

  it('loads one snapshot for any number of first readers', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    const other = createRefreshRig({ memory: rig.memory });
    const reader = readerOver(other);
    rig.memory.operations.length = 0;
    await Promise.all(Array.from({ length: 100 }, () => reader.getOrRefresh(other.log.call)));
    expect(rig.memory.operations).toEqual(['readPointer', expect.stringMatching(/^readLines snapshots\//)]);
    expect(other.downloads()).toBe(0);
  });

  it('asks the pointer again in the background after 30 seconds, and shows its news to the next reader', async () => {
    const { rig, reader } = await warmed();
    const writer = createRefreshRig({ memory: rig.memory, now: '2026-11-20T13:00:00Z' });
    writer.serve(() => Promise.resolve(createDownload(createRows(5))));
    await writer.refresh('timer', writer.log.call);
    rig.memory.operations.length = 0;
    rig.advanceMinutes(0.51);
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(4);
    await reader.getRevalidated(rig.log.call);
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(5);
    expect(rig.memory.operations).toEqual([
      'readPointer',
      expect.stringMatching(/^readLines snapshots\//),
      'readPointer',
    ]);
  });

  it('asks the pointer before answering when the last check is over five minutes old', async () => {
    const { rig, reader } = await warmed();
    const writer = createRefreshRig({ memory: rig.memory, now: '2026-11-20T13:00:00Z' });
    writer.serve(() => Promise.resolve(createDownload(createRows(5))));
    await writer.refresh('timer', writer.log.call);
    rig.advanceMinutes(61);
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(5);
  });

  it('waits no longer than a second for a pointer that does not answer', async () => {
    const { rig } = await warmed();
    const stuck = { ...rig.memory.store };
    const reader = createSnapshotReader({
      ...rig.deps,
      store: stuck,
      refresh: rig.refresh,
      limits,
      sleep: () => Promise.resolve(),
    });
    await reader.getOrRefresh(rig.log.call);
    stuck.readPointer = () => new Promise(() => undefined);
    rig.advanceMinutes(60);
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(4);
  });

  it('counts from the moment when it asked for the pointer, however late the answer comes', async () => {
    const { rig, reader, answer, publishElsewhere } = await slowlyChecked();
    await publishElsewhere();
    rig.advanceMinutes(61);
    answer();
    await setImmediate();
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(5);
  });

  it('reads the pointer once more after a refresh, when a check was under way that may not know of it', async () => {
    const { rig, reader, answer, publishElsewhere } = await slowlyChecked();
    await publishElsewhere();
    const revalidated = Promise.all([reader.revalidate(rig.log.call), reader.revalidate(rig.log.call)]);
    answer();
    await revalidated;
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(5);
    expect(rig.memory.operations.filter((operation) => operation === 'readPointer')).toHaveLength(1);
  });

  it('goes on with what it holds while storage is down, and says so once', async () => {
    const { rig, reader } = await warmed();
    rig.memory.beforeEach(storageDown);
    rig.advanceMinutes(6);
    const { call, events } = createTestCall();
    expect((await reader.getOrRefresh(call)).state).toBe('fresh');
    expect((await reader.getOrRefresh(call)).state).toBe('fresh');
    expect(events).toEqual([{ event: 'pointer.check-failed', code: 'StorageUnavailable', status: 503 }]);
  });

  it('says once that a check failed which several readers waited for', async () => {
    const { rig, reader } = await warmed();
    rig.memory.beforeEach(storageDown);
    rig.advanceMinutes(6);
    const served = await Promise.all([1, 2, 3].map(() => reader.getOrRefresh(rig.log.call)));
    expect(served.map(({ state }) => state)).toEqual(['fresh', 'fresh', 'fresh']);
    expect(rig.log.valuesOf('pointer.check-failed', 'code')).toEqual(['StorageUnavailable']);
    expect(rig.memory.operations).toEqual([]);
  });

  it('walks through stale and degraded with the reason, starting nothing, and logs each once', async () => {
    const { rig, reader } = await warmed();
    rig.serve(outage);
    rig.advanceMinutes(95);
    await rig.refresh('timer', rig.log.call);
    const { call, events } = createTestCall();
    expect(await reader.getOrRefresh(call)).toMatchObject({ state: 'stale', reason: 'UpstreamUnavailable' });
    expect(await reader.getOrRefresh(call)).toMatchObject({ state: 'stale' });
    rig.advanceMinutes(24 * 60);
    expect(await reader.getOrRefresh(call)).toMatchObject({ state: 'degraded', reason: 'UpstreamUnavailable' });
    expect(rig.downloads()).toBe(2);
    expect(events).toEqual([
      { event: 'read.degraded', state: 'stale', reason: 'UpstreamUnavailable', fetchedAt: '2026-11-20T12:00:00.000Z' },
      {
        event: 'read.degraded',
        state: 'degraded',
        reason: 'UpstreamUnavailable',
        fetchedAt: '2026-11-20T12:00:00.000Z',
      },
    ]);
  });

  it('refuses an expired snapshot with the reason and the time to wait, after one try to refresh', async () => {
    const { rig, reader } = await warmed();
    rig.serve(outage);
    rig.advanceMinutes(8 * 24 * 60);
    await expect(reader.getOrRefresh(rig.log.call)).rejects.toMatchObject({
      refusal: { kind: 'SnapshotExpired', reason: 'UpstreamUnavailable', retryAfterMs: 60_000 },
    });
    await expect(reader.getOrRefresh(rig.log.call)).rejects.toMatchObject({ refusal: { kind: 'SnapshotExpired' } });
    expect(rig.downloads()).toBe(2);
  });

  it('refreshes for readers of an empty cache, once however many', async () => {
    const rig = createRefreshRig();
    const reader = readerOver(rig);
    const served = await Promise.all(Array.from({ length: 1000 }, () => reader.getOrRefresh(rig.log.call)));
    expect(new Set(served.map(({ snapshot }) => snapshot)).size).toBe(1);
    expect(rig.downloads()).toBe(1);
  });

  it('answers CacheEmpty with the reason when that refresh fails', async () => {
    const rig = createRefreshRig();
    rig.serve(outage);
    await expect(readerOver(rig).getOrRefresh(rig.log.call)).rejects.toMatchObject({
      refusal: { kind: 'CacheEmpty', reason: 'UpstreamUnavailable', retryAfterMs: 60_000 },
    });
  });

  it('waits for another process that holds the lease and takes what it published', async () => {
    const rig = createRefreshRig();
    rig.holdLeaseElsewhere(true);
    const writer = createRefreshRig({ memory: rig.memory });
    const polls: number[] = [];
    const reader = createSnapshotReader({
      ...rig.deps,
      refresh: rig.refresh,
      limits,
      sleep: async (ms) => {
        if (ms === 1000) return new Promise(() => undefined);
        polls.push(ms);
        if (polls.length === 3) await writer.refresh('timer', writer.log.call);
      },
    });
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(4);
    expect(polls).toEqual([500, 500, 500]);
    expect(rig.downloads()).toBe(0);
  });

  it('gives up waiting when the caller does', async () => {
    const rig = createRefreshRig();
    const patience = new AbortController();
    const { call } = createTestCall(patience.signal);
    rig.serve(() => {
      patience.abort();
      return new Promise(() => undefined);
    });
    await expect(readerOver(rig).getOrRefresh(call)).rejects.toMatchObject({
      refusal: { kind: 'CacheEmpty', reason: undefined },
    });
  });

  it('fails with StorageUnavailable on a cold start without storage', async () => {
    const rig = createRefreshRig();
    rig.memory.beforeEach(storageDown);
    await expect(readerOver(rig).getOrRefresh(rig.log.call)).rejects.toMatchObject({ code: 'StorageUnavailable' });
  });

  it('repairs a cache whose snapshot blob is gone, five minutes after the last success', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    rig.memory.blobs.clear();
    const reader = readerOver(createRefreshRig({ memory: rig.memory }));
    await expect(reader.getOrRefresh(rig.log.call)).rejects.toMatchObject({
      refusal: { kind: 'CacheEmpty', reason: 'StorageUnavailable' },
    });
    const later = createRefreshRig({ memory: rig.memory, now: '2026-11-20T12:05:00Z' });
    expect((await readerOver(later).getOrRefresh(later.log.call)).snapshot.count).toBe(4);
  });

  it('keeps the old snapshot when the new blob is damaged, until it can be read', async () => {
    const { rig, reader } = await warmed();
    const writer = createRefreshRig({ memory: rig.memory, now: '2026-11-20T13:00:00Z' });
    writer.serve(() => Promise.resolve(createDownload(createRows(5))));
    await writer.refresh('timer', writer.log.call);
    const blob = rig.memory.pointer()?.snapshot?.blob ?? '';
    const whole = rig.memory.blobs.get(blob) ?? Buffer.alloc(0);
    rig.memory.blobs.set(blob, Buffer.from('damaged'));
    rig.advanceMinutes(61);
    const { call, events } = createTestCall();
    expect((await reader.getOrRefresh(call)).snapshot.count).toBe(4);
    expect(events).toContainEqual({
      event: 'pointer.check-failed',
      code: 'StorageUnavailable',
      blob,
      reason: 'corrupt',
    });
    rig.memory.blobs.set(blob, whole);
    rig.advanceMinutes(6);
    expect((await reader.getOrRefresh(call)).snapshot.count).toBe(5);
  });

  it('tells health what it knows without refreshing', async () => {
    const rig = createRefreshRig();
    expect(await readerOver(rig).getHeld(rig.log.call)).toMatchObject({
      pointer: { snapshot: null },
      loaded: undefined,
    });
    expect(rig.downloads()).toBe(0);
  });
});
