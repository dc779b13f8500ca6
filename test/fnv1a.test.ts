import { expect, it } from 'vitest';
import { findBlock } from '../shared/history/month-index.ts';
import { computeFnv1a } from '../shared/fnv1a.ts';

it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('computes the published FNV-1a hash of %j', (text, hash) => {
  expect(computeFnv1a(text)).toBe(hash);
});

it('finds the blocks of stored months by it', () => {
  expect(findBlock('foobar', 4096)).toBe(0x968);
});
