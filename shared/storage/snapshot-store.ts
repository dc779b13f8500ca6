import { randomUUID } from 'node:crypto';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import * as z from 'zod';
import { UnreadableBlobError } from '../errors.ts';
import type { SnapshotStore, StoredPointer } from '../ports.ts';
import { parsePointer, pointerVersion } from '../snapshot/pointer.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';
import { compressLines, readLines, writeLines } from './lines-blob.ts';
import {
  callStorage,
  createBlobCaller,
  downloadBody,
  isTaken,
  parseStorageFailure,
  StorageError,
} from './storage-call.ts';

export type BlobSnapshotStoreOptions = {
  /** Called at the first need of each call: the SDK is not loaded at start. */
  readonly container: () => Promise<ContainerClient>;
  readonly pointerDeadlineMs?: number;
  readonly linesDeadlineMs?: number;
  /** The most uncompressed bytes a blob of lines may hold: about 450 000 records at the default. */
  readonly maxLinesBytes?: number;
};

/** The one mutable blob. */
const pointerBlob = 'current.json';
const maxPointerBytes = 1024 * 1024;
const listDeadlineMs = 20_000;

/** The snapshot store in a blob container; the container itself must exist. Every failure is a DependencyError `StorageUnavailable`. */
export function createBlobSnapshotStore({
  container,
  pointerDeadlineMs = 10_000,
  linesDeadlineMs = 60_000,
  maxLinesBytes = 256 * 1024 * 1024,
}: BlobSnapshotStoreOptions): SnapshotStore {
  /** The last pointer read, if a newer version wrote it: this code must not overwrite what it does not understand. */
  let newer: { readonly etag: string; readonly version: number } | undefined;

  const callBlob = createBlobCaller(container);

  return {
    async readPointer(context, knownEtag) {
      const read = await callBlob(pointerBlob, pointerDeadlineMs, context, (blob, signal) =>
        readPointer(blob, signal, knownEtag),
      );
      if (read === 'unchanged' || read === undefined) return read;
      const { schemaVersion } = read.pointer;
      newer = schemaVersion > pointerVersion ? { etag: read.etag, version: schemaVersion } : undefined;
      return read;
    },

    async writePointer(pointer, etag, context) {
      const version = newer !== undefined && newer.etag === etag ? newer.version : pointer.schemaVersion;
      if (version > pointerVersion) {
        throw new StorageError(pointerBlob, { reason: 'newer-version', pointerVersion: version });
      }
      return callBlob(pointerBlob, pointerDeadlineMs, context, (blob, signal) =>
        writePointer(blob, signal, pointer, etag),
      );
    },

    async readLines(name, context) {
      return callBlob(name, linesDeadlineMs, context, (blob, signal) => readLines(blob, signal, maxLinesBytes));
    },

    async writeLines(name, lines, context) {
      if (lines.length > maxLinesBytes) throw new StorageError(name, { reason: 'too-large', bytes: lines.length });
      const compressed = await compressLines(lines);
      await callBlob(name, linesDeadlineMs, context, (blob, signal) => writeLines(blob, signal, compressed));
    },

    async listBlobs(prefix, { signal: caller }) {
      return callStorage({ blob: prefix, deadlineMs: listDeadlineMs, caller }, async (signal) =>
        listNames(await container(), signal, prefix),
      );
    },
  };
}

/** Downloads and checks the pointer; `unchanged` when it still has `knownEtag`, `undefined` when there is none. */
async function readPointer(
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
async function writePointer(
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

/** Names on all pages of a listing; storage puts at most 5000 on a page. */
async function listNames(container: ContainerClient, abortSignal: AbortSignal, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix, abortSignal })) names.push(name);
  return names;
}
