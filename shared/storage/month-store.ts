import { Readable } from 'node:stream';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { MonthStore } from '../ports.ts';
import { createBlobCaller, downloadBody, isTaken, parseStorageFailure } from './storage-call.ts';

export type BlobMonthStoreOptions = {
  /** Called at the first need of each call: the SDK is not loaded at start. */
  readonly container: () => Promise<ContainerClient>;
  readonly maxBytes?: number;
};

const rangeDeadlineMs = 10_000;
const wholeDeadlineMs = 60_000;

/** The months of history in a blob container. */
export function createBlobMonthStore({ container, maxBytes = 256 * 1024 * 1024 }: BlobMonthStoreOptions): MonthStore {
  const callBlob = createBlobCaller(container);

  return {
    async readStart(name, { maxBytes: wanted }, context) {
      return callBlob(name, wholeDeadlineMs, context, (blob, signal) =>
        readStart(blob, signal, Math.min(wanted, maxBytes)),
      );
    },
    async readRange(name, range, context) {
      const end = Math.min(range.end, range.start + maxBytes);
      return callBlob(name, rangeDeadlineMs, context, (blob, signal) => readRange(blob, signal, { ...range, end }));
    },
    async replace(name, parts, etag, context) {
      return callBlob(name, wholeDeadlineMs, context, (blob, signal) => replace(blob, signal, parts, etag));
    },
  };
}

async function readStart(blob: BlockBlobClient, abortSignal: AbortSignal, maxBytes: number) {
  try {
    const { body: bytes, etag } = await downloadBody(blob, { maxBytes, abortSignal });
    return { bytes, etag };
  } catch (error) {
    if (parseStorageFailure(error)?.errorCode === 'BlobNotFound') return undefined;
    throw error;
  }
}

type BlobRange = Parameters<MonthStore['readRange']>[1];

async function readRange(blob: BlockBlobClient, abortSignal: AbortSignal, { start, end, etag }: BlobRange) {
  try {
    const conditions = { ifMatch: etag };
    const { body } = await downloadBody(blob, { offset: start, maxBytes: end - start, abortSignal, conditions });
    return body;
  } catch (error) {
    const failure = parseStorageFailure(error);
    if (failure?.status === 412 || failure?.errorCode === 'BlobNotFound') return 'changed';
    throw error;
  }
}

async function replace(
  blob: BlockBlobClient,
  abortSignal: AbortSignal,
  parts: readonly Buffer[],
  etag: string | undefined,
) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  try {
    // A stream of the parts: joining them would need the memory for a second copy.
    await blob.upload(() => Readable.from(parts, { objectMode: false }), length, {
      abortSignal,
      conditions: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
      blobHTTPHeaders: { blobContentType: 'application/gzip' },
    });
    return 'written';
  } catch (error) {
    if (isTaken(error)) return 'conflict';
    throw error;
  }
}
