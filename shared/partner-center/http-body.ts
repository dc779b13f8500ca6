import type { IncomingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { HttpFailure } from './upstream-failure.ts';

/** How much of an error's body is read, and how much of a refused body is kept as evidence. */
const startBytes = 64 * 1024;
/** Above this size, a body that gzip shrank more than 200 times is a bomb: lists of records shrink to about a tenth. */
const suspiciousBytes = 16 * 1024 * 1024;
const largestRatio = 200;

type Body = AsyncIterable<Buffer>;

/**
 * The whole body, decoded while it arrives. Throws HttpFailure with the start of the body as evidence: `too-large` beyond `maxBytes`,
 * received or decoded, or for a bomb; `content-coding` when the coding is unknown or the body is not gzip to its end.
 */
export async function readBody(body: Body, headers: IncomingHttpHeaders, maxBytes: number): Promise<Buffer> {
  const coding = readCoding(headers);
  if (coding === 'unknown') throw new HttpFailure('content-coding', true, undefined, await readStart(body));
  // It grows in place, because a list of 100 000 records must not be in memory twice.
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
      if (start.length < startBytes) start = Buffer.concat([start, chunk]).subarray(0, startBytes);
      if (received > maxBytes) throw refuse('too-large');
      yield chunk;
    }
  }

  async function collect(chunks: Body): Promise<void> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      const isBomb = bytes > suspiciousBytes && bytes > largestRatio * received;
      if (bytes > maxBytes || isBomb) throw refuse('too-large');
      decoded.resize(bytes);
      chunk.copy(new Uint8Array(decoded), bytes - chunk.length);
    }
  }

  if (coding === 'identity') {
    await collect(receive());
  } else {
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    try {
      await pipeline(receive, gunzip, collect);
    } catch (error) {
      const isNotGzip = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
      throw isNotGzip ? refuse('content-coding', error) : error;
    }
  }
  // Reading bytes of a buffer that may still grow takes V8 four times as long.
  return Buffer.from(decoded.transferToFixedLength());
}

/** The first 64 KiB of an error's body, decoded; empty when they are not what they claim to be, or decode to more. */
export async function readErrorBody(body: Body, headers: IncomingHttpHeaders): Promise<Buffer> {
  const start = await readStart(body);
  if (readCoding(headers) !== 'gzip') return start;
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: startBytes });
  } catch {
    return Buffer.alloc(0);
  }
}

function readCoding(headers: IncomingHttpHeaders): 'identity' | 'gzip' | 'unknown' {
  const coding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return 'identity';
  return coding === 'gzip' || coding === 'x-gzip' ? 'gzip' : 'unknown';
}

async function readStart(body: Body): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= startBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, startBytes);
}
