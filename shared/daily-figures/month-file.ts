import { once } from 'node:events';
import { promisify } from 'node:util';
import { createInflateRaw, gunzip, gunzipSync, gzipSync } from 'node:zlib';
import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { createFigureReader, formatRowKey } from '../history/day-figures.ts';
import { findBlock, formatMonthIndex, parseMonthIndex } from '../history/month-index.ts';
import type { FoldedDay, MonthIndex } from '../history/month-index.ts';
import { formatDayLine, formatFigureLine, formatRowList, parseRowList } from '../history/month-lines.ts';
import type { ListedDay } from '../history/month-lines.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import type { ChunkedWork } from '../turns.ts';

/**
 * A month of history as its blob holds it: gzip members (RFC 1952 section 2.2), first the index, then the blocks. A block is a member of
 * its rows and a member for each day, so a day is added without decompressing those before it. Any tool reads the whole as NDJSON.
 */
export type MonthFile = {
  readonly month: string;
  readonly days: readonly FoldedDay[];
  readonly blocks: readonly Block[];
};

type Block = { readonly rows: Buffer; readonly days: readonly Buffer[] };

/** The largest index fits in these bytes. */
export const indexBytes = 32 * 1024;
/** What is longer when it is decompressed is damaged: the largest index has 100 kB, and a block of 500 rows 2 MB. */
const maxIndexBytes = 1024 * 1024;
const maxBlockBytes = 64 * 1024 * 1024;

/** A month without days, cut into this many blocks. */
export function createMonthFile(month: string, blockCount: number): MonthFile {
  const rows = gzipSync(formatRowList([]));
  return { month, days: [], blocks: Array.from({ length: blockCount }, () => ({ rows, days: [] })) };
}

/** The month with a day whose list is damaged. */
export function addDamagedDay(file: MonthFile, day: Pick<FoldedDay, 'date' | 'list'>): MonthFile {
  return { ...file, days: [...file.days, { ...day, period: null }] };
}

/** Compressing this many blocks of a day takes a few milliseconds. */
const blocksPerTurn = 8;
const rowsPerTurn = 2000;

/** The month with one more day, which must be later than the days it has. */
export function* addDay(
  file: MonthFile,
  day: ListedDay & Pick<FoldedDay, 'list'>,
  list: UsageSnapshot,
): ChunkedWork<MonthFile> {
  const reader = createFigureReader(list);
  const filled = file.blocks.map((block): FilledBlock => ({ block, rows: [] }));
  for (let row = 0; row < list.count; row += 1) {
    filled[findBlock(reader.getRow(row).customerId, filled.length)]?.rows.push(row);
    if (row % rowsPerTurn === 0) yield;
  }
  const blocks: Block[] = [];
  for (const { block, rows } of filled) {
    if (blocks.length % blocksPerTurn === 0) yield;
    blocks.push(addDayToBlock(block, day, { reader, rows }));
  }
  return { ...file, days: [...file.days, day], blocks };
}

/** A block, and the rows of a new day that belong in it. */
type FilledBlock = { readonly block: Block; readonly rows: number[] };

type BlockRows = { readonly reader: ReturnType<typeof createFigureReader>; readonly rows: readonly number[] };

function addDayToBlock(block: Block, day: ListedDay, { reader, rows }: BlockRows): Block {
  const known = parseRowList(decompressMembers([block.rows]));
  const numbers = new Map(known.map((row, number) => [formatRowKey(row), number]));
  const added: typeof known = [];
  const lines: string[] = [];
  for (const row of rows) {
    const historyRow = reader.getRow(row);
    const key = formatRowKey(historyRow);
    const number = numbers.get(key) ?? known.length + added.push(historyRow) - 1;
    numbers.set(key, number);
    // Partner Center may list a row twice by mistake; the first one counts.
    lines[number] ??= formatFigureLine(number, reader.getFigures(row), day);
  }
  const member = gzipSync(formatDayLine(day) + lines.join(''));
  return {
    rows: added.length === 0 ? block.rows : gzipSync(formatRowList([...known, ...added])),
    days: [...block.days, member],
  };
}

/** The members of the blob, in order. */
export function listMembers({ month, days, blocks }: MonthFile): Buffer[] {
  const lengths = blocks.map((block): [number, number] => [block.rows.length, sumLengths(block.days)]);
  const index = gzipSync(formatMonthIndex({ schemaVersion: 1, month, days: [...days], blocks: lengths }));
  return [index, ...blocks.flatMap((block) => [block.rows, ...block.days])];
}

function sumLengths(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}

/** The month of a whole blob. Throws UnreadableBlobError when it is damaged. */
export async function parseMonthFile(bytes: Buffer): Promise<MonthFile> {
  const { index, length } = await readMonthIndex(bytes);
  const { month, days } = index;
  let start = length;
  const blocks = index.blocks.map(([rowBytes, dayBytes]) => {
    const rowsEnd = start + rowBytes;
    const rows = bytes.subarray(start, rowsEnd);
    start = rowsEnd + dayBytes;
    return { rows, days: [bytes.subarray(rowsEnd, start)] };
  });
  if (start === bytes.length) return { month, days, blocks };
  throw new UnreadableBlobError('a month of history is cut off', { reason: 'corrupt' });
}

/** The text of members in a row. Throws UnreadableBlobError when it is damaged. */
export function decompressMembers(members: readonly Buffer[]): string {
  try {
    return gunzipSync(Buffer.concat(members), { maxOutputLength: maxBlockBytes }).toString();
  } catch (cause) {
    throw createBlockError(cause);
  }
}

const gunzipAsync = promisify(gunzip);

/** The same of a whole block, off the main thread. */
export async function decompressBlock(block: Buffer): Promise<string> {
  try {
    return (await gunzipAsync(block, { maxOutputLength: maxBlockBytes })).toString();
  } catch (cause) {
    throw createBlockError(cause);
  }
}

function createBlockError(cause: unknown): UnreadableBlobError {
  return new UnreadableBlobError('a block of history is not gzip', { reason: 'corrupt', cause });
}

/** The index at the start of a blob, and how many bytes it takes there. Throws UnreadableBlobError when it is damaged. */
export async function readMonthIndex(bytes: Buffer): Promise<{ readonly index: MonthIndex; readonly length: number }> {
  try {
    const length = await findMemberEnd(bytes);
    const line = gunzipSync(bytes.subarray(0, length), { maxOutputLength: maxIndexBytes }).toString();
    return { index: parseMonthIndex(line), length };
  } catch (cause) {
    if (cause instanceof UnreadableBlobError) throw cause;
    throw new UnreadableBlobError('a month of history does not start with an index', { reason: 'corrupt', cause });
  }
}

/** RFC 1952 section 2.3: what Node writes before and after the deflated data. */
const headerBytes = 10;
const trailerBytes = 8;

async function findMemberEnd(bytes: Buffer): Promise<number> {
  // Of all decompressors only this one stops at the end of a member and says where that was.
  const inflate = createInflateRaw();
  let length = 0;
  inflate.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxIndexBytes) inflate.destroy(new RangeError('an index of a month of history is too long'));
  });
  inflate.end(bytes.subarray(headerBytes));
  await once(inflate, 'end');
  return headerBytes + inflate.bytesWritten + trailerBytes;
}

/** What a month of history holds; `undefined` when it is damaged, which is logged. */
export async function readOrLogDamage<T>(
  reading: Promise<T>,
  { blob, context }: { readonly blob: string; readonly context: OperationContext },
): Promise<T | undefined> {
  const read = await catchUnreadable(reading);
  if (!(read instanceof UnreadableBlobError)) return read;
  context.log('history.damaged', { blob, reason: read.reason });
  return undefined;
}
