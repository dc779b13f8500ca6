import { describe, expect, it } from 'vitest';
import { DependencyError, UnreadableBlobError } from '../../shared/errors.ts';
import { hashContent } from '../../shared/stored-data/blob-names.ts';
import { createSnapshotLoader } from '../../shared/stored-data/load-blobs.ts';
import type { SnapshotStore } from '../../shared/ports.ts';
import { createSnapshotReader } from '../../shared/reading/snapshot-reader.ts';
import { invoke } from '../support/functions/invocation.ts';
import { createUsageFunctions } from '../support/functions/usage-functions.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const hour = 3_600_000;
const limits = { freshMs: 1.5 * hour, staleMs: 24 * hour, degradedMs: 7 * 24 * hour };
const down = new DependencyError('StorageUnavailable', 'storage is down', { details: { status: 503 } });

/** A rig after one good refresh of ten rows. */
async function warmed() {
  const rig = createRefreshRig();
  rig.serve(() => Promise.resolve(createDownload(createRows(10))));
  await rig.refresh('timer', rig.log.call);
  return rig;
}

/** Makes each operation that starts like this fail. */
function failAt(rig: ReturnType<typeof createRefreshRig>, start: string, error: unknown): void {
  rig.memory.beforeEach((operation) => {
    if (operation.startsWith(start)) throw error;
  });
}

/** A wait that is never over: what is awaited beside it decides. */
function sleep(): Promise<void> {
  return new Promise(() => undefined);
}

function readerOver(rig: ReturnType<typeof createRefreshRig>) {
  return createSnapshotReader({ ...rig.deps, refresh: rig.refresh, limits, sleep });
}

describe('a damaged pointer', () => {
  it('is replaced by the next refresh', async () => {
    const rig = await warmed();
    rig.advanceMinutes(60);
    failAt(rig, 'readPointer', new UnreadableBlobError('x', { reason: 'corrupt', etag: '"1"' }));
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'published' });
    expect(rig.memory.pointer()?.snapshot?.fetchedAt).toBe(rig.now());
    expect(rig.log.events).toContainEqual({ event: 'pointer.damaged', etag: '"1"' });
  });

  it('of which no ETag is known is left alone', async () => {
    const rig = await warmed();
    rig.advanceMinutes(60);
    failAt(rig, 'readPointer', new UnreadableBlobError('x', { reason: 'corrupt' }));
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'StorageUnavailable' });
    expect(rig.downloads()).toBe(1);
  });
});

describe('a refresh', () => {
  it.each([
    [new TypeError('customer Contoso'), 'TypeError'],
    ['customer Contoso', 'string'],
  ])('backs off like in an outage when something throws %s, and logs its kind alone', async (error, kind) => {
    const rig = await warmed();
    rig.advanceMinutes(60);
    rig.serve(async () => {
      throw error;
    });
    expect(await rig.refresh('timer', rig.log.call)).toEqual({
      kind: 'failed',
      code: 'UpstreamUnavailable',
      retryAfterMs: 60_000,
    });
    expect(rig.log.events.at(-1)).toMatchObject({ event: 'refresh.failed', failure: kind, cure: 'defect' });
    expect(JSON.stringify(rig.log.events)).not.toContain('Contoso');
  });

  it('keeps the last good when storage is down while it looks at the last good blob', async () => {
    const rig = await warmed();
    const before = rig.memory.pointer()?.snapshot;
    rig.advanceMinutes(60);
    failAt(rig, 'readLines snapshots/', down);
    const outcome = await rig.refreshElsewhere('timer', rig.log.call);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'StorageUnavailable' });
    expect(rig.memory.pointer()?.snapshot).toEqual(before);
  });

  it('keeps the last good when storage is down while it looks at the list refused before', async () => {
    const rig = await warmed();
    const before = rig.memory.pointer()?.snapshot;
    rig.serve(() => Promise.resolve(createDownload(createRows(2))));
    rig.advanceMinutes(60);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ code: 'UpstreamImplausible' });
    rig.advanceMinutes(60);
    failAt(rig, 'readLines quarantine/', down);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'StorageUnavailable' });
    expect(rig.memory.pointer()?.snapshot).toEqual(before);
  });

  it('publishes a list that came without a count or ids', async () => {
    const rig = createRefreshRig();
    const { snapshot, pages, bytes } = createDownload(createRows(3));
    const nothing = { totalCount: undefined, requestId: undefined, correlationId: undefined };
    rig.serve(() => Promise.resolve({ snapshot, pages, bytes, ...nothing }));
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'published' });
    expect(rig.memory.pointer()?.snapshot).toMatchObject({
      recordCount: 3,
      upstreamTotalCount: null,
      upstreamRequestId: null,
      upstreamCorrelationId: null,
    });
  });
});

describe('a reader', () => {
  it('on a cold start fails with StorageUnavailable when the pointer can be read but no blob', async () => {
    const rig = await warmed();
    failAt(rig, 'readLines', down);
    const reader = readerOver(createRefreshRig({ memory: rig.memory }));
    await expect(reader.getOrRefresh(rig.log.call)).rejects.toMatchObject({ code: 'StorageUnavailable' });
  });

  it('goes on with what it holds whatever the check throws', async () => {
    const rig = await warmed();
    const reader = readerOver(rig);
    await reader.getOrRefresh(rig.log.call);
    rig.advanceMinutes(6);
    failAt(rig, 'readPointer', new TypeError('x'));
    expect((await reader.getOrRefresh(rig.log.call)).snapshot.count).toBe(10);
    expect(rig.log.events.at(-1)).toEqual({ event: 'pointer.check-failed', code: 'StorageUnavailable' });
  });
});

describe('a stored list with a line that is no record, although its hash is right', () => {
  const filtered = '/api/customers/usagerecords?minTotalCost=1&currencyCode=EUR';

  /** The functions of a process that has found the damage, so many minutes after the list was published. */
  async function findDamage(minutes: number) {
    const { memory } = await warmed();
    const pointer = memory.pointer();
    if (!pointer?.snapshot) throw new Error('nothing was published');
    const { blob } = pointer.snapshot;
    const lines = Buffer.from(String(memory.blobs.get(blob)).replace('resourceId', 'otherId'));
    memory.blobs.set(blob, lines);
    memory.setPointer({ ...pointer, snapshot: { ...pointer.snapshot, contentHash: hashContent(lines) } });
    const rig = createRefreshRig({ memory });
    rig.serve(() => Promise.resolve(createDownload(createRows(10))));
    rig.advanceMinutes(minutes);
    const functions = createUsageFunctions({ rig });
    expect(await invoke(functions.list, filtered)).toMatchObject({ status: 503, json: { code: 'StorageUnavailable' } });
    return { memory, functions };
  }

  it('is replaced by a refresh for the next request, as any damaged list', async () => {
    const { functions } = await findDamage(5);
    const { status, json, events } = await invoke(functions.list, filtered);
    expect([status, json]).toMatchObject([200, { totalCount: 10 }]);
    const damage = { code: 'StorageUnavailable', reason: 'corrupt', row: 0 };
    expect(events).toContainEqual(expect.objectContaining({ event: 'pointer.check-failed', ...damage }));
  });

  it('is neither served nor read again until a refresh may begin, and health says so', async () => {
    const { memory, functions } = await findDamage(1);
    memory.operations.length = 0;
    expect(await invoke(functions.list, '/api/customers/usagerecords')).toMatchObject({
      status: 503,
      json: { code: 'CacheEmpty', reason: 'StorageUnavailable' },
    });
    expect((await invoke(functions.ready, '/api/health/ready')).status).toBe(503);
    expect(new Set(memory.operations)).toEqual(new Set(['readPointer']));
  });
});

describe('createSnapshotLoader', () => {
  const prompt = { sleep: () => Promise.resolve(), yieldToEventLoop: () => Promise.resolve() };

  /** Opens stored lines of which the pointer says that they are so many records. */
  async function openLines(text: string, recordCount: number) {
    const lines = Buffer.from(text);
    const rig = await warmed();
    const published = rig.memory.pointer()?.snapshot;
    if (published === null || published === undefined) throw new Error('nothing was published');
    const store = { ...rig.memory.store, readLines: () => Promise.resolve(lines) };
    const { open } = createSnapshotLoader({ ...prompt, store });
    return open({ ...published, blob: 'x', contentHash: hashContent(lines), recordCount }, rig.log.call);
  }

  it('hands out lines before it scans them, and says which one cannot be read', async () => {
    const { count, offsets, scan } = await openLines('{"id":"a"}\n{"id":"b"}\n[]\n', 3);
    expect([count, [...offsets]]).toStrictEqual([3, [0, 11, 22, 25]]);
    await expect(scan()).rejects.toMatchObject({ reason: 'corrupt', details: { row: 2 } });
  });

  it.each([2, 4])('takes a list of 3 lines for damaged when the pointer says %d', async (recordCount) => {
    const opening = openLines('{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n', recordCount);
    await expect(opening).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('keeps the newest snapshot although an older load fails after it', async () => {
    const rig = await warmed();
    const info = rig.memory.pointer()?.snapshot;
    if (info === null || info === undefined) throw new Error('nothing was published');
    const { promise, reject } = Promise.withResolvers<Buffer>();
    let reads = 0;
    const store: SnapshotStore = {
      ...rig.memory.store,
      readLines: async (blob, call) => {
        reads += 1;
        return blob === 'older' ? promise : rig.memory.store.readLines(blob, call);
      },
    };
    const load = createSnapshotLoader({ ...prompt, store });
    const older = load({ ...info, blob: 'older' }, rig.log.call);
    const newer = await load(info, rig.log.call);
    reject(down);
    await expect(older).rejects.toBe(down);
    expect(await load(info, rig.log.call)).toBe(newer);
    expect(reads).toBe(2);
  });
});
