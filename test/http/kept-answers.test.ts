import { describe, expect, it } from 'vitest';
import { createKeptAnswers } from '../../shared/http/kept-answers.ts';

const version = 'v1';
/** An entry of `length` bytes under a key of one letter costs 258 more. */
const overhead = 258;

function bodyOf(length: number) {
  return { bytes: Buffer.alloc(length, 'x'), coding: 'gzip' } as const;
}

function keptWith(budgetBytes: number, entries: Readonly<Record<string, number>>) {
  const kept = createKeptAnswers(budgetBytes);
  kept.find({ version, key: '' });
  for (const [key, length] of Object.entries(entries)) kept.keep({ version, key }, bodyOf(length));
  return {
    ...kept,
    keys: () => ['a', 'b', 'c', 'd'].filter((key) => kept.find({ version, key }) !== undefined),
  };
}

describe('createKeptAnswers', () => {
  it('gives back what was kept, as bytes of its own', () => {
    const kept = createKeptAnswers(10_000);
    expect(kept.find({ version, key: 'a' })).toBeUndefined();
    const body = bodyOf(5);
    kept.keep({ version, key: 'a' }, body);
    body.bytes.fill('y');
    const found = kept.find({ version, key: 'a' });
    expect(found).toEqual({ bytes: Buffer.from('xxxxx'), coding: 'gzip' });
    expect(found?.bytes.buffer.byteLength).toBe(5);
  });

  it('holds no more than its budget, and lets go first what was not used for longest', () => {
    const kept = keptWith(3 * (100 + overhead), { a: 100, b: 100, c: 100 });
    expect(kept.keys()).toEqual(['a', 'b', 'c']);
    kept.find({ version, key: 'a' });
    kept.keep({ version, key: 'd' }, bodyOf(100));
    expect(kept.keys()).toEqual(['a', 'c', 'd']);
  });

  it('makes room for a large one by as many as it takes', () => {
    const kept = keptWith(3 * (100 + overhead), { a: 100, b: 100, c: 100, d: 500 });
    expect(kept.keys()).toEqual(['d']);
  });

  it.each([0, 99 + overhead])('keeps nothing larger than its whole budget of %d', (budget) => {
    expect(keptWith(budget, { a: 100 }).keys()).toEqual([]);
  });

  it('does not count what is kept twice', () => {
    const kept = keptWith(2 * (100 + overhead), { a: 100 });
    for (let time = 0; time < 5; time += 1) kept.keep({ version, key: 'b' }, bodyOf(100));
    expect(kept.keys()).toEqual(['a', 'b']);
  });

  it('lets everything go when another version is asked for, and takes nothing of the old one any more', () => {
    const kept = keptWith(2 * (100 + overhead), { a: 100, b: 100 });
    expect(kept.find({ version: 'v2', key: 'a' })).toBeUndefined();
    kept.keep({ version, key: 'a' }, bodyOf(100));
    expect(kept.find({ version: 'v2', key: 'a' })).toBeUndefined();
    kept.keep({ version: 'v2', key: 'c' }, bodyOf(100));
    kept.keep({ version: 'v2', key: 'd' }, bodyOf(100));
    expect(kept.find({ version: 'v2', key: 'c' })).toBeDefined();
    expect(kept.find({ version: 'v2', key: 'd' })).toBeDefined();
  });
});
