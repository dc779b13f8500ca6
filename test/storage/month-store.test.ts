import { beforeEach, describe, expect, it } from 'vitest';
import type { MonthStore } from '../../shared/ports.ts';
import { createBlobMonthStore } from '../../shared/storage/month-store.ts';
import { createContainer, nameContainer } from '../support/services/azurite.ts';
import { createTestCall } from '../support/call.ts';
import { createMemoryStore } from '../support/services/memory-store.ts';

const { call } = createTestCall();
const name = 'history/2026-11.ndjson.gz';
const parts = (...texts: string[]) => texts.map((text) => Buffer.from(text));

const kinds = {
  'blob storage': async () => {
    const container = await createContainer();
    return createBlobMonthStore({ container: async () => container });
  },
  'the memory of a test': async () => createMemoryStore().months,
};

describe.each(Object.entries(kinds))('a MonthStore in %s', (_kind, createStore) => {
  let store: MonthStore;

  beforeEach(async () => {
    store = await createStore();
  });

  it('has nothing before the first write', async () => {
    expect(await store.readStart(name, { maxBytes: 10 }, call)).toBeUndefined();
    expect(await store.readRange(name, { start: 0, end: 1, etag: '"0"' }, call)).toBe('changed');
  });

  it('joins the parts, and reads the start, the whole and a range of them', async () => {
    expect(await store.replace(name, parts('abc', 'defg', 'hi'), undefined, call)).toBe('written');
    const start = await store.readStart(name, { maxBytes: 4 }, call);
    expect(start?.bytes.toString()).toBe('abcd');
    expect((await store.readStart(name, { maxBytes: Infinity }, call))?.bytes.toString()).toBe('abcdefghi');
    const range = await store.readRange(name, { start: 2, end: 5, etag: start?.etag ?? '' }, call);
    expect(range.toString()).toBe('cde');
  });

  it('replaces only the blob that was read', async () => {
    await store.replace(name, parts('first'), undefined, call);
    expect(await store.replace(name, parts('other'), undefined, call)).toBe('conflict');
    const first = await store.readStart(name, { maxBytes: Infinity }, call);
    expect(await store.replace(name, parts('second'), first?.etag, call)).toBe('written');
    expect(await store.replace(name, parts('third'), first?.etag, call)).toBe('conflict');
    expect((await store.readStart(name, { maxBytes: Infinity }, call))?.bytes.toString()).toBe('second');
    expect(await store.readRange(name, { start: 0, end: 1, etag: first?.etag ?? '' }, call)).toBe('changed');
  });
});

describe('createBlobMonthStore', () => {
  it('names the blob and the cause when storage refuses', async () => {
    const missing = await nameContainer();
    const store = createBlobMonthStore({ container: async () => missing });
    const failure = { code: 'StorageUnavailable', details: { blob: name, errorCode: 'ContainerNotFound' } };
    await expect(store.readStart(name, { maxBytes: 1 }, call)).rejects.toMatchObject(failure);
    await expect(store.readRange(name, { start: 0, end: 1, etag: '"1"' }, call)).rejects.toMatchObject(failure);
    await expect(store.replace(name, parts('a'), undefined, call)).rejects.toMatchObject(failure);
  });

  it('reads no more of a foreign blob than its limit', async () => {
    const container = await createContainer();
    const store = createBlobMonthStore({ container: async () => container, maxBytes: 3 });
    await store.replace(name, parts('abcdef'), undefined, call);
    const start = await store.readStart(name, { maxBytes: Infinity }, call);
    expect(start?.bytes.toString()).toBe('abc');
    const range = { start: 1, end: 2 ** 40, etag: start?.etag ?? '' };
    expect((await store.readRange(name, range, call)).toString()).toBe('bcd');
  });
});
