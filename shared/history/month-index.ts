import * as z from 'zod';
import { UnreadableBlobError } from '../errors.ts';
import { computeFnv1a } from '../fnv1a.ts';
import { parseJson } from '../parse-json.ts';

const rowsPerBlock = 64;
/** The index of more blocks would not fit in the first read. */
const maximumBlocks = 4096;
/** No month is longer. A length beyond that is damage, and must not become a request for as many bytes. */
const maximumBytes = 256 * 1024 * 1024;

const length = z.int().nonnegative().max(maximumBytes);

const monthIndex = z.object({
  schemaVersion: z.literal(1),
  /** The UTC month of the days, as `2026-11`. */
  month: z.string(),
  /** The days that were folded, in order, each with the blob of its list. `period` is null when that list was damaged. */
  days: z.array(z.object({ date: z.string(), list: z.string(), period: z.string().nullable() })),
  /** How many bytes each block has: its rows, and its days. */
  blocks: z
    .array(z.tuple([length, length]))
    .min(1)
    .max(maximumBlocks),
});

/** The first line of a month's history: which days it has, and where its blocks are. */
export type MonthIndex = z.infer<typeof monthIndex>;
export type FoldedDay = MonthIndex['days'][number];

/** The index as a line. */
export function formatMonthIndex(index: MonthIndex): string {
  return `${JSON.stringify(index)}\n`;
}

/** The index of a line. Throws UnreadableBlobError when it is damaged. */
export function parseMonthIndex(line: string): MonthIndex {
  const index = parseJson(line, monthIndex);
  if (index !== undefined) return index;
  throw new UnreadableBlobError('the index of a month of history is damaged', { reason: 'corrupt' });
}

/** How many blocks a list of this many rows is cut into. */
export function countBlocks(rows: number): number {
  return Math.min(Math.max(1, Math.ceil(rows / rowsPerBlock)), maximumBlocks);
}

/** The block that holds the rows of a customer: 32-bit FNV-1a of the id, modulo the number of blocks. */
export function findBlock(customerId: string, blockCount: number): number {
  return computeFnv1a(customerId) % blockCount;
}
