import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { SnapshotStore } from '../refresh/ports.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import { compressLines, readLines, writeLines } from './lines-blob.ts';
import { pointerBlob, readPointer, writePointer } from './pointer-blob.ts';
import { startStorageCall, StorageError } from './storage-call.ts';

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

  async function openBlob(name: string): Promise<BlockBlobClient> {
    return (await container()).getBlockBlobClient(name);
  }

  return {
    async readPointer({ signal }, knownEtag) {
      const call = startStorageCall(pointerBlob, pointerDeadlineMs, signal);
      const blob = await openBlob(pointerBlob).catch(call.fail);
      const read = await readPointer(blob, call.signal, knownEtag).catch(call.fail);
      if (read === 'unchanged' || read === undefined) return read;
      const { schemaVersion } = read.pointer;
      newer = schemaVersion > pointerVersion ? { etag: read.etag, version: schemaVersion } : undefined;
      return read;
    },

    async writePointer(pointer, etag, { signal }) {
      const version = newer !== undefined && newer.etag === etag ? newer.version : pointer.schemaVersion;
      if (version > pointerVersion) {
        throw new StorageError(pointerBlob, { reason: 'newer-version', pointerVersion: version });
      }
      const call = startStorageCall(pointerBlob, pointerDeadlineMs, signal);
      const blob = await openBlob(pointerBlob).catch(call.fail);
      return await writePointer(blob, call.signal, pointer, etag).catch(call.fail);
    },

    async readLines(name, { signal }) {
      const call = startStorageCall(name, linesDeadlineMs, signal);
      const blob = await openBlob(name).catch(call.fail);
      return await readLines(blob, call.signal, maxLinesBytes).catch(call.fail);
    },

    async writeLines(name, lines, { signal }) {
      if (lines.length > maxLinesBytes) throw new StorageError(name, { reason: 'too-large', bytes: lines.length });
      const compressed = await compressLines(lines);
      const call = startStorageCall(name, linesDeadlineMs, signal);
      const blob = await openBlob(name).catch(call.fail);
      await writeLines(blob, call.signal, compressed).catch(call.fail);
    },

    async listBlobs(prefix, { signal }) {
      const call = startStorageCall(prefix, listDeadlineMs, signal);
      const opened = await container().catch(call.fail);
      return await listNames(opened, call.signal, prefix).catch(call.fail);
    },
  };
}

/** Names on all pages of a listing; storage puts at most 5000 on a page. */
async function listNames(container: ContainerClient, abortSignal: AbortSignal, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix, abortSignal })) names.push(name);
  return names;
}
