import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { RefusedError } from '../errors.ts';
import type { YieldToEventLoop } from '../clock.ts';

/** Rendering this many flat rows, or this many bytes, takes a few milliseconds. */
const piecesPerTurn = 500;
const bytesPerTurn = 512 * 1024;

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
  let turnStart = 0;

  function add(chunk: Buffer): void {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new RefusedError({ kind: 'TooLargeUncompressed' });
  }

  for (const piece of pieces) {
    if (typeof piece === 'string') texts += piece;
    else {
      if (texts !== '') add(Buffer.from(texts));
      add(piece);
      texts = '';
    }
    count += 1;
    if (count < piecesPerTurn && length - turnStart < bytesPerTurn) continue;
    add(Buffer.from(texts));
    texts = '';
    count = 0;
    turnStart = length;
    await yieldToEventLoop();
  }
  if (texts !== '') add(Buffer.from(texts));
  const [first] = chunks;
  return first !== undefined && first.length === length ? first : Buffer.concat(chunks, length);
}

const gzipAsync = promisify(gzip);
const longestChunkBytes = 1024 * 1024;
const shortestChunkBytes = 1024;

/**
 * Compresses a body off the main thread. Measured on generated lists, ms and size by level 1, 2, 6: 50 records (27 kB) 0.29, 0.26,
 * 0.84 ms and 18.6, 18.4, 17.8 %; 1000 records (543 kB) 5.5, 5.4, 9.0 ms and 17.3, 17.1, 16.5 %.
 */
export async function gzipBody(body: Buffer): Promise<Buffer> {
  const chunkSize = Math.max(shortestChunkBytes, Math.min(body.length, longestChunkBytes));
  return gzipAsync(body, { level: 2, chunkSize });
}
