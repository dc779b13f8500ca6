import type { OperationContext } from '../context.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import type { MonthStore } from '../ports.ts';
import { readMonthIndex } from './month-file.ts';

/** How much is in memory at a time: a month of 100 000 customers has 60 MB. */
const partBytes = 4 * 1024 * 1024;

/**
 * The blocks of a month one after the other, none when there is no such blob. Throws UnreadableBlobError when the blob is damaged, and
 * DependencyError `StorageUnavailable`, also when it is replaced meanwhile.
 */
export async function* readWholeMonth(
  months: MonthStore,
  blob: string,
  context: OperationContext,
): AsyncGenerator<Buffer, void> {
  const first = await months.readStart(blob, { maxBytes: partBytes }, context);
  if (first === undefined) return;
  const { index, length } = await readMonthIndex(first.bytes);
  const end = index.blocks.reduce((sum, [rowBytes, dayBytes]) => sum + rowBytes + dayBytes, length);
  let rest = first.bytes.subarray(length);
  let position = first.bytes.length;
  for (const [rowBytes, dayBytes] of index.blocks) {
    const blockBytes = rowBytes + dayBytes;
    if (rest.length < blockBytes && position < end) {
      const range = {
        start: position,
        end: Math.min(end, position + Math.max(partBytes, blockBytes)),
        etag: first.etag,
      };
      const part = await months.readRange(blob, range, context);
      if (part === 'changed') throw createReplacedError(blob);
      rest = Buffer.concat([rest, part]);
      position += part.length;
    }
    if (rest.length < blockBytes) {
      throw new UnreadableBlobError('a month of history is cut off', { reason: 'corrupt' });
    }
    yield rest.subarray(0, blockBytes);
    rest = rest.subarray(blockBytes);
  }
}

function createReplacedError(blob: string): DependencyError {
  return new DependencyError('StorageUnavailable', 'another process wrote the history', {
    details: { blob, reason: 'conflict' },
  });
}
