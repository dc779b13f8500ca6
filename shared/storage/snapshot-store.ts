import type { ContainerClient } from '@azure/storage-blob';
import type { SnapshotStore } from '../ports.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import { compressLines, readLines, writeLines } from './lines-blob.ts';
import { pointerBlob, readPointer, writePointer } from './pointer-blob.ts';
import { callStorage, createBlobCaller, StorageError } from './storage-call.ts';

export type BlobSnapshotStoreOptions = {
  /** Called at the first need of each call: the SDK is not loaded at start. */
  readonly container: () => Promise<ContainerClient>;
  readonly pointerDeadlineMs?: number;
  readonly linesDeadlineMs?: number;
  readonly listDeadlineMs?: number;
  /** The most uncompressed bytes a blob of lines may hold: about 450 000 records at the default. */
  readonly maxLinesBytes?: number;
};

/** The snapshot store in a blob container; the container itself must exist. Every failure is a DependencyError `StorageUnavailable`. */
export function createBlobSnapshotStore({
  container,
  pointerDeadlineMs = 10_000,
  linesDeadlineMs = 60_000,
  listDeadlineMs = 20_000,
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

/** Names on all pages of a listing; storage puts at most 5000 on a page. */
async function listNames(container: ContainerClient, abortSignal: AbortSignal, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix, abortSignal })) names.push(name);
  return names;
}
