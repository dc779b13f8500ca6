import { RefusedError } from '../errors.ts';
import type { YieldToEventLoop } from '../clock.ts';

/** Rendering this many flat rows takes a few milliseconds. */
const piecesPerTurn = 500;

/**
 * One body of all pieces, made while other requests are answered in between. Throws RefusedError `TooLargeUncompressed` as soon as there are
 * more than `maxBytes`.
 */
export async function collectBody(
  pieces: Iterable<string | Buffer>,
  maxBytes: number,
  yieldToEventLoop: YieldToEventLoop,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let texts = '';
  let count = 0;

  function add(chunk: Buffer): void {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new RefusedError({ kind: 'TooLargeUncompressed' });
  }

  for (const piece of pieces) {
    if (typeof piece === 'string') texts += piece;
    else {
      add(Buffer.from(texts));
      add(piece);
      texts = '';
    }
    count += 1;
    if (count % piecesPerTurn !== 0) continue;
    add(Buffer.from(texts));
    texts = '';
    await yieldToEventLoop();
  }
  add(Buffer.from(texts));
  return Buffer.concat(chunks, length);
}
