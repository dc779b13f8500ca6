import { randomUUID } from 'node:crypto';
import type { BlockBlobClient } from '@azure/storage-blob';
import { z } from 'zod';
import type { StoredPointer } from '../refresh/ports.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';
import { downloadBody } from './blob-body.ts';
import { parsePointer } from './pointer-json.ts';
import { isTaken, parseStorageFailure, storageUnavailable } from './storage-call.ts';

/** The one mutable blob. */
export const pointerBlob = 'current.json';
const maxPointerBytes = 1024 * 1024;

/** Downloads and checks the pointer; `unchanged` when it still has `knownEtag`, `undefined` when there is none. */
export async function readPointer(
  blob: BlockBlobClient,
  abortSignal: AbortSignal,
  knownEtag: string | undefined,
): Promise<StoredPointer | 'unchanged' | undefined> {
  try {
    const conditions = knownEtag === undefined ? {} : { ifNoneMatch: knownEtag };
    const { body, etag } = await downloadBody(blob, { maxBytes: maxPointerBytes, abortSignal, conditions });
    const pointer = parsePointer(body.toString('utf8'));
    // With the ETag somebody who means to can replace it.
    if (pointer === undefined) throw storageUnavailable(pointerBlob, { reason: 'corrupt', etag });
    return { pointer, etag };
  } catch (error) {
    const failure = parseStorageFailure(error);
    if (failure?.status === 304) return 'unchanged';
    if (failure?.errorCode === 'BlobNotFound') return undefined;
    throw error;
  }
}

/** Creates the pointer, or replaces the one of `knownEtag`; `conflict` when somebody else did so first. */
export async function writePointer(
  blob: BlockBlobClient,
  abortSignal: AbortSignal,
  pointer: SnapshotPointer,
  knownEtag: string | undefined,
): Promise<StoredPointer | 'conflict'> {
  const body = Buffer.from(JSON.stringify(pointer, null, 2));
  const writeId = randomUUID();
  try {
    const { etag } = await blob.upload(body, body.length, {
      abortSignal,
      conditions: knownEtag === undefined ? { ifNoneMatch: '*' } : { ifMatch: knownEtag },
      metadata: { writeid: writeId },
      blobHTTPHeaders: { blobContentType: 'application/json' },
    });
    return { pointer, etag: z.string().parse(etag) };
  } catch (error) {
    if (!isTaken(error)) throw error;
    const etag = await etagOfOwnWrite(blob, abortSignal, writeId);
    return etag === undefined ? 'conflict' : { pointer, etag };
  }
}

/** The SDK repeats a write whose answer got lost; the repetition then conflicts with the write itself, which bears our id. */
async function etagOfOwnWrite(
  blob: BlockBlobClient,
  abortSignal: AbortSignal,
  writeId: string,
): Promise<string | undefined> {
  try {
    const { etag, metadata } = await blob.getProperties({ abortSignal });
    return metadata?.['writeid'] === writeId ? etag : undefined;
  } catch (error) {
    if (parseStorageFailure(error)?.status === 404) return undefined;
    throw error;
  }
}
