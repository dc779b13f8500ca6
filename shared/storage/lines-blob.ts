import type { BlockBlobClient } from '@azure/storage-blob';
import { downloadBody } from './blob-body.ts';
import { gunzipLines } from './gzip-lines.ts';
import { isTaken, parseStorageFailure, storageUnavailable } from './storage-call.ts';

/** Downloads and decompresses a blob of lines; a missing or damaged one is a DependencyError with that `reason`. */
export async function readLines(blob: BlockBlobClient, abortSignal: AbortSignal, maxBytes: number): Promise<Buffer> {
  const { body } = await downloadBody(blob, { maxBytes, abortSignal }).catch((error: unknown) => {
    throw parseStorageFailure(error)?.errorCode === 'BlobNotFound'
      ? storageUnavailable(blob.name, { reason: 'missing' })
      : error;
  });
  try {
    return await gunzipLines(body, maxBytes);
  } catch (error) {
    throw storageUnavailable(blob.name, { reason: 'corrupt' }, { cause: error });
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
    // Same name, same lines: whoever came first wrote them.
    if (!isTaken(error)) throw error;
  }
}
