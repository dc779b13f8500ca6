import { beforeEach, describe, expect, it } from 'vitest';
import { emptyPointer } from '../../shared/snapshot/pointer.ts';
import type { SnapshotStore } from '../../shared/ports.ts';
import { createBlobSnapshotStore } from '../../shared/storage/snapshot-store.ts';
import { createContainer } from '../support/services/azurite.ts';
import { createTestCall } from '../support/call.ts';
import { createMemoryStore } from '../support/services/memory-store.ts';

const { call } = createTestCall();
const later = { ...emptyPointer, refreshTokenIssuedAt: 1_794_000_000_000 };

const kinds = {
  'blob storage': async () => {
    const container = await createContainer();
    return createBlobSnapshotStore({ container: async () => container });
  },
  'the memory of a test': async () => createMemoryStore().store,
};

describe.each(Object.entries(kinds))('a SnapshotStore in %s', (_kind, createStore) => {
  let store: SnapshotStore;

  beforeEach(async () => {
    store = await createStore();
  });

  async function writeFirst() {
    const first = await store.writePointer(emptyPointer, undefined, call);
    if (first === 'conflict') throw new Error('the first write conflicts');
    return first;
  }

  it('has no pointer before the first write, and then the one written, under its ETag', async () => {
    expect(await store.readPointer(call)).toBeUndefined();
    const stored = await writeFirst();
    expect(stored.pointer).toStrictEqual(emptyPointer);
    expect(await store.readPointer(call)).toStrictEqual(stored);
  });

  it('answers unchanged under the known ETag, and the new pointer under an old one', async () => {
    const first = await writeFirst();
    expect(await store.readPointer(call, first.etag)).toBe('unchanged');
    const second = await store.writePointer(later, first.etag, call);
    expect(await store.readPointer(call, first.etag)).toStrictEqual(second);
  });

  it('refuses to create a pointer that exists, and to replace one that is not the one read', async () => {
    const first = await writeFirst();
    expect(await store.writePointer(later, undefined, call)).toBe('conflict');
    const second = await store.writePointer(later, first.etag, call);
    expect(await store.writePointer(emptyPointer, first.etag, call)).toBe('conflict');
    expect(await store.readPointer(call)).toStrictEqual(second);
  });

  it.each([false, true])('lets exactly one of many writers set a pointer (over an older one: %s)', async (hasFirst) => {
    const etag = hasFirst ? (await writeFirst()).etag : undefined;
    const pointers = [1, 2, 3, 4, 5, 6].map((refreshTokenIssuedAt) => ({ ...emptyPointer, refreshTokenIssuedAt }));
    const outcomes = await Promise.all(pointers.map(async (next) => store.writePointer(next, etag, call)));
    const winners = outcomes.filter((outcome) => outcome !== 'conflict');
    expect(winners).toHaveLength(1);
    expect(await store.readPointer(call)).toStrictEqual(winners[0]);
  });

  it('gives lines back, and leaves a blob of that name as it is', async () => {
    await store.writeLines('snapshots/a.gz', Buffer.from('{"first":1}\n'), call);
    await store.writeLines('snapshots/a.gz', Buffer.from('{"second":2}\n'), call);
    expect(await store.readLines('snapshots/a.gz', call)).toStrictEqual(Buffer.from('{"first":1}\n'));
  });

  it('lists the names that begin with a prefix, in order', async () => {
    for (const name of ['daily/2026-11/b.gz', 'daily/2026-10/c.gz', 'daily-other/a.gz', 'monthly/a.gz']) {
      await store.writeLines(name, Buffer.from('{}\n'), call);
    }
    expect(await store.listBlobs('daily/', call)).toStrictEqual(['daily/2026-10/c.gz', 'daily/2026-11/b.gz']);
    expect(await store.listBlobs('weekly/', call)).toStrictEqual([]);
  });

  it('says that a blob is missing', async () => {
    await expect(store.readLines('snapshots/gone.gz', call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      reason: 'missing',
      details: { blob: 'snapshots/gone.gz' },
    });
  });
});
