import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DependencyError, UnreadableBlobError } from '../../shared/errors.ts';
import { createMonthFile, listMembers } from '../../shared/daily-figures/month-file.ts';
import { readWholeMonth } from '../../shared/daily-figures/read-whole-month.ts';
import type { MonthStore } from '../../shared/ports.ts';

const blob = 'history/2026-11.ndjson.gz';
const megabyte = 1024 * 1024;
const context = { log: () => undefined, signal: new AbortController().signal, correlationId: '' };

/** A month whose blocks have these many bytes of days, which are no gzip: nobody decompresses them here. */
function createMonth(lengths: readonly number[]) {
  const file = createMonthFile('2026-11', lengths.length);
  const blocks = file.blocks.map(({ rows }, at) => ({ rows, days: [randomBytes(lengths[at] ?? 0)] }));
  const members = listMembers({ ...file, blocks });
  const expected = blocks.map(({ rows, days }) => Buffer.concat([rows, ...days]));
  return { bytes: Buffer.concat(members), expected };
}

/** A store of one blob, and how many bytes each read asked for. */
function createStore(bytes: Buffer | undefined) {
  const asked: number[] = [];
  const state = { etag: '"1"' };
  const count = (part: Buffer) => {
    asked.push(part.length);
    return part;
  };
  const months: MonthStore = {
    readStart: async (_, { maxBytes }) => bytes && { bytes: count(bytes.subarray(0, maxBytes)), etag: '"1"' },
    readRange: async (_, { start, end, etag }) =>
      etag === state.etag ? count(bytes?.subarray(start, end) ?? Buffer.alloc(0)) : 'changed',
    replace: () => Promise.reject(new Error('only reads')),
  };
  return { months, asked, state };
}

async function readBlocks(months: MonthStore): Promise<Buffer[]> {
  const blocks: Buffer[] = [];
  for await (const block of readWholeMonth(months, blob, context)) blocks.push(Buffer.from(block));
  return blocks;
}

describe('reading a whole month', () => {
  it('returns every block as it is, with 4 MiB at a time in memory', async () => {
    const { bytes, expected } = createMonth([0, 1.5, 2.75, 0.001, 3, 1, 4, 0].map((size) => size * megabyte));
    const { months, asked } = createStore(bytes);
    const blocks = await readBlocks(months);
    expect(blocks.map((block, at) => block.equals(expected[at] ?? Buffer.alloc(0)))).toEqual(expected.map(() => true));
    expect(Math.max(...asked)).toBe(4 * megabyte);
    expect(asked.reduce((sum, length) => sum + length, 0)).toBe(bytes.length);
  });

  it('reads a block that is larger than that', async () => {
    const { bytes, expected } = createMonth([5 * megabyte, 10]);
    const blocks = await readBlocks(createStore(bytes).months);
    expect(Buffer.concat(blocks).equals(Buffer.concat(expected))).toBe(true);
  });

  it('asks once for a small month, and has no blocks without a month', async () => {
    const { months, asked } = createStore(createMonth([100, 200]).bytes);
    expect(await readBlocks(months)).toHaveLength(2);
    expect(asked).toHaveLength(1);
    expect(await readBlocks(createStore(undefined).months)).toEqual([]);
  });

  it('throws when the month is replaced meanwhile', async () => {
    const { months, state } = createStore(createMonth([3 * megabyte, 3 * megabyte]).bytes);
    const blocks = readWholeMonth(months, blob, context);
    await blocks.next();
    state.etag = '"2"';
    await expect(blocks.next()).rejects.toThrow(DependencyError);
  });

  it.each([1, 2 * megabyte, 5 * megabyte])('throws when the last %i bytes are missing', async (missing) => {
    const { bytes } = createMonth([3 * megabyte, 3 * megabyte]);
    const { months } = createStore(bytes.subarray(0, -missing));
    await expect(readBlocks(months)).rejects.toThrow(UnreadableBlobError);
  });
});
