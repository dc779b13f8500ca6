// Storage adapter: the pointer as one blob, with ETags. Callers use it through SnapshotStore and stored-data/stored-pointer.ts.
import { randomUUID } from 'node:crypto';
import type { BlockBlobClient } from '@azure/storage-blob';
import * as z from 'zod';
import { UnreadableBlobError } from '../errors.ts';
import type { StoredPointer } from '../ports.ts';
import { parsePointer } from '../snapshot/pointer.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';
import { downloadBody } from './blob-body.ts';
import { isTaken, parseStorageFailure } from './storage-call.ts';

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
    if (pointer !== undefined) return { pointer, etag };
    throw new UnreadableBlobError('the pointer is damaged', {
      reason: 'corrupt',
      etag,
      details: { blob: pointerBlob },
    });
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
    const etag = await findOwnWrite(blob, abortSignal, writeId);
    return etag === undefined ? 'conflict' : { pointer, etag };
  }
}

/** The SDK repeats a write whose answer got lost; the repetition then conflicts with the first write, which has our id. */
async function findOwnWrite(
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
