import { describe, expect, it } from 'vitest';
import { createKeptListLoader } from '../../shared/reading/kept-list-loader.ts';
import { createTestCall } from '../support/call.ts';
import { createMemoryStore } from '../support/services/memory-store.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const blob = 'daily/2026-11/2026-11-19.ndjson.gz';
const list = { blob, day: '2026-11-19', fetchedAt: Date.parse('2026-11-19'), contentHash: undefined };

describe('createKeptListLoader', () => {
  it('lets a caller stop waiting, and reads on for the others', async () => {
    const { store } = createMemoryStore();
    const read = Promise.withResolvers<Buffer>();
    const loadKeptList = createKeptListLoader({
      store: { ...store, readLines: () => read.promise },
      yieldToEventLoop: () => Promise.resolve(),
      maxLists: 1,
      maxBytes: 1024 * 1024,
    });
    const { call } = createTestCall();
    const caller = new AbortController();
    const [first, second] = [loadKeptList(list, { ...call, signal: caller.signal }), loadKeptList(list, call)];
    caller.abort();
    await expect(first).rejects.toMatchObject({
      code: 'StorageUnavailable',
      details: { blob, reason: 'timeout' },
    });
    read.resolve(createDownload(createRows(2)).snapshot.lines);
    expect((await second).count).toBe(2);
  });
});
