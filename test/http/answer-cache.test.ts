import { describe, expect, it } from 'vitest';
import { createAnswerCache } from '../../shared/http/cache.ts';

/** An entry of `length` bytes under a key of one letter costs 258 more. */
const overhead = 258;

function bodyOf(length: number) {
  return { bytes: Buffer.alloc(length, 'x'), coding: 'gzip', headers: {} } as const;
}

function cacheWith(maxBytes: number, entries: Readonly<Record<string, number>>) {
  const cache = createAnswerCache(maxBytes);
  for (const [key, length] of Object.entries(entries)) cache.set(key, bodyOf(length));
  return { ...cache, keys: () => ['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined) };
}

describe('createAnswerCache', () => {
  it('gives back what was kept, without the large buffer that it was part of', () => {
    const cache = createAnswerCache(10_000);
    expect(cache.get('a')).toBeUndefined();
    const bytes = Buffer.alloc(1000, 'x').subarray(7, 12);
    cache.set('a', { ...bodyOf(5), bytes });
    const found = cache.get('a');
    expect(found).toEqual({ bytes: Buffer.from('xxxxx'), coding: 'gzip', headers: {} });
    expect(found?.bytes.buffer.byteLength).toBe(5);
  });

  it('holds no more than its budget, and lets go first what was not used for longest', () => {
    const cache = cacheWith(3 * (100 + overhead), { a: 100, b: 100, c: 100 });
    expect(cache.keys()).toEqual(['a', 'b', 'c']);
    cache.get('a');
    cache.set('d', bodyOf(100));
    expect(cache.keys()).toEqual(['a', 'c', 'd']);
  });

  it('makes room for a large one by as many as it takes', () => {
    expect(cacheWith(3 * (100 + overhead), { a: 100, b: 100, c: 100, d: 500 }).keys()).toEqual(['d']);
  });

  it.each([0, 99 + overhead])('keeps nothing larger than its whole budget of %d', (budget) => {
    expect(cacheWith(budget, { a: 100 }).keys()).toEqual([]);
  });
});
