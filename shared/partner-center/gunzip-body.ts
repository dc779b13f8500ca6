import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { HttpFailure } from './http-failure.ts';

/** From this size on a body that shrank to less than a 200th is a bomb: lists of records shrink to about a tenth. */
const suspiciousBytes = 16 * 1024 * 1024;
const largestRatio = 200;

/**
 * Decodes a gzipped body while it arrives. Throws HttpFailure `too-large` beyond `maxBytes`, received or decoded, or for a
 * bomb, and `content-coding` when the body is not exactly one gzip stream; both carry the start of the body as evidence.
 */
export async function gunzipBody(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  evidenceBytes: number,
): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // Grows in place: a list of 100 000 records must not be in memory twice.
  const decoded = new ArrayBuffer(0, { maxByteLength: maxBytes });
  let start = Buffer.alloc(0);
  let received = 0;
  let bytes = 0;

  function refuse(kind: 'too-large' | 'content-coding', cause?: unknown): HttpFailure {
    return new HttpFailure(kind, true, cause, start);
  }

  async function* receive(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      received += chunk.length;
      if (start.length < evidenceBytes) start = Buffer.concat([start, chunk]).subarray(0, evidenceBytes);
      if (received > maxBytes) throw refuse('too-large');
      yield chunk;
    }
  }

  async function collect(chunks: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      const isBomb = bytes > suspiciousBytes && bytes > largestRatio * received;
      if (bytes > maxBytes || isBomb) throw refuse('too-large');
      decoded.resize(bytes);
      chunk.copy(new Uint8Array(decoded), bytes - chunk.length);
    }
  }

  try {
    await pipeline(receive, gunzip, collect);
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
      ? refuse('content-coding', error)
      : error;
  }
  // zlib ignores what follows the end of the stream.
  if (gunzip.bytesWritten < received || received === 0) throw refuse('content-coding');
  return Buffer.from(decoded, 0, bytes);
}

/** Decodes as much of the start of a gzipped body as there is; empty when it is not gzip, or decodes to more than `maxBytes`. */
export function gunzipStart(start: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxBytes });
  } catch {
    return Buffer.alloc(0);
  }
}
