import type { IncomingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createGunzip, gunzip, gunzipSync } from 'node:zlib';
import { HttpFailure } from './upstream-failure.ts';

/** How much of an error's body is read, and how much of a refused body is kept as evidence. */
const startBytes = 64 * 1024;
/** Above this size, a body that gzip shrank more than 200 times is a bomb: lists of records shrink to about a tenth. */
const suspiciousBytes = 16 * 1024 * 1024;
const largestRatio = 200;

/** Reading this much takes a millisecond, and each part comes in a turn of its own. */
const decodedChunkBytes = 256 * 1024;

const gunzipAsync = promisify(gunzip);

type Body = AsyncIterable<Buffer>;

/** A body that went to a reader while it arrived. It is kept as it was received, which is usually a tenth of its size. */
export type ReceivedBody = {
  /** Decoded. */
  readonly bytes: number;
  /** Decodes it once more. */
  readonly decode: () => Promise<Buffer>;
};

/**
 * Decodes a body while it arrives and passes it on in parts, which are valid only until `read` returns. Throws HttpFailure with the start of the body as evidence: `too-large`
 * beyond `maxBytes`, received or decoded, or for a bomb; `content-coding` when the coding is unknown or the body is not gzip to
 * its end.
 */
export async function streamBody(
  body: Body,
  headers: IncomingHttpHeaders,
  maxBytes: number,
  read: (chunk: Buffer) => void,
): Promise<ReceivedBody> {
  const coding = readCoding(headers);
  if (coding === 'unknown') throw new HttpFailure('content-coding', true, undefined, await readStart(body));
  const chunks: Buffer[] = [];
  let received = 0;
  let bytes = 0;

  function refuse(kind: 'too-large' | 'content-coding', cause?: unknown): HttpFailure {
    return new HttpFailure(kind, true, cause, Buffer.concat(chunks).subarray(0, startBytes));
  }

  async function* receive(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      received += chunk.length;
      chunks.push(chunk);
      if (received > maxBytes) throw refuse('too-large');
      yield chunk;
    }
  }

  async function pass(decoded: Body): Promise<void> {
    for await (const chunk of decoded) {
      bytes += chunk.length;
      const isBomb = bytes > suspiciousBytes && bytes > largestRatio * received;
      if (bytes > maxBytes || isBomb) throw refuse('too-large');
      read(chunk);
      if (coding === 'gzip') freeMemory(chunk);
    }
  }

  if (coding === 'identity') {
    await pass(receive());
    return { bytes, decode: async () => Buffer.concat(chunks) };
  }
  const unzip = createGunzip({ chunkSize: decodedChunkBytes });
  try {
    await pipeline(receive, unzip, pass);
  } catch (error) {
    const isNotGzip = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isNotGzip ? refuse('content-coding', error) : error;
  }
  return { bytes, decode: async () => gunzipAsync(Buffer.concat(chunks)) };
}

/**
 * Frees the memory of a decompressor's output at once, when this is the last part of it: until the next garbage collection the whole
 * decoded body would be in memory.
 */
function freeMemory({ buffer, byteOffset, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteOffset + length === buffer.byteLength) buffer.transfer(0);
}

/** The whole body, decoded. Throws as streamBody does. */
export async function readBody(body: Body, headers: IncomingHttpHeaders, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await streamBody(body, headers, maxBytes, (chunk) => void chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
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
