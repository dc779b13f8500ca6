import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { BlockBlobClient } from '@azure/storage-blob';
import { UnreadableBlobError } from '../errors.ts';
import { downloadBody } from './blob-body.ts';
import { isTaken, parseStorageFailure } from './storage-call.ts';

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

/** Downloads and decompresses a blob of lines. Throws UnreadableBlobError when it is missing or damaged. */
export async function readLines(blob: BlockBlobClient, abortSignal: AbortSignal, maxBytes: number): Promise<Buffer> {
  const details = { blob: blob.name };
  const { body } = await downloadBody(blob, { maxBytes, abortSignal }).catch((error: unknown) => {
    if (parseStorageFailure(error)?.errorCode !== 'BlobNotFound') throw error;
    throw new UnreadableBlobError('a blob is missing', { reason: 'missing', details });
  });
  try {
    return await decompressLines(body, maxBytes);
  } catch (cause) {
    throw new UnreadableBlobError('a blob is not gzip', { reason: 'corrupt', details, cause });
  }
}

/** Uploads compressed lines, unless a blob of that name exists. */
export async function writeLines(blob: BlockBlobClient, abortSignal: AbortSignal, compressed: Buffer): Promise<void> {
  try {
    await blob.upload(compressed, compressed.length, {
      abortSignal,
      conditions: { ifNoneMatch: '*' },
      // A .gz file and no content encoding: clients differ in whether they undo an encoding, a file is the same to all of them.
      blobHTTPHeaders: { blobContentType: 'application/gzip' },
    });
  } catch (error) {
    // Same name, same lines: whoever came first wrote them. The pointer must never name a blob that is not there.
    if (!isTaken(error) || !(await blob.exists({ abortSignal }))) throw error;
  }
}

/**
 * Compresses lines off the main thread. Measured on 100 000 generated records (62 MB), CPU as a multiple of JSON.parse of the same body:
 * level 1 0.8 (16.0 % of the size), level 2 0.8 (15.8 %), level 3 0.9 (15.7 %), level 4 1.2 (15.5 %), level 6 1.8 (14.6 %).
 * Chunks of 16 KiB, Node's default, cost up to twice as much as chunks of 1 MiB.
 */
export async function compressLines(lines: Buffer): Promise<Buffer> {
  return gzipAsync(lines, { level: 2, chunkSize: 1024 * 1024 });
}

/** Decompresses off the main thread; throws when the bytes are not gzip, are cut off, or hold more than `maxBytes`. */
async function decompressLines(compressed: Buffer, maxBytes: number): Promise<Buffer> {
  // RFC 1952 section 2.3.1: a member ends with its uncompressed size. A chunk that holds everything spares the joining of many:
  // a quarter of the CPU, and one copy in memory instead of two. A wrong size costs only that.
  const size = compressed.readUInt32LE(compressed.length - 4);
  return gunzipAsync(compressed, { chunkSize: Math.min(size, maxBytes) + 64, maxOutputLength: maxBytes });
}
