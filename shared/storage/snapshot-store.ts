import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { OperationContext } from '../context.ts';
import type { SnapshotStore } from '../refresh/ports.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import { gzipLines } from './gzip-lines.ts';
import { readLines, writeLines } from './lines-blob.ts';
import { pointerBlob, readPointer, writePointer } from './pointer-blob.ts';
import { callStorage, storageUnavailable } from './storage-call.ts';

export type BlobSnapshotStoreOptions = {
  /** Called at the first need of each call: the SDK is not loaded at start. */
  readonly container: () => Promise<ContainerClient>;
  readonly pointerDeadlineMs?: number;
  readonly linesDeadlineMs?: number;
  /** The most uncompressed bytes a blob of lines may hold: about 450 000 records at the default. */
  readonly maxLinesBytes?: number;
};

/** The snapshot store in a blob container; the container itself must exist. Every failure is a DependencyError `StorageUnavailable`. */
export function createBlobSnapshotStore({
  container,
  pointerDeadlineMs = 10_000,
  linesDeadlineMs = 60_000,
  maxLinesBytes = 256 * 1024 * 1024,
}: BlobSnapshotStoreOptions): SnapshotStore {
  /** The last pointer read that is of a newer version: whoever wrote it knows more than this code, and it stays. */
  let newer: { readonly etag: string; readonly version: number } | undefined;

  async function onBlob<T>(
    name: string,
    context: OperationContext,
    work: (blob: BlockBlobClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = name === pointerBlob ? pointerDeadlineMs : linesDeadlineMs;
    return callStorage({ blob: name, deadlineMs, signals: [context.signal] }, async (signal) =>
      work((await container()).getBlockBlobClient(name), signal),
    );
  }

  return {
    async readPointer(context, knownEtag) {
      const read = await onBlob(pointerBlob, context, async (blob, signal) => readPointer(blob, signal, knownEtag));
      if (read === 'unchanged' || read === undefined) return read;
      const { schemaVersion } = read.pointer;
      newer = schemaVersion > pointerVersion ? { etag: read.etag, version: schemaVersion } : undefined;
      return read;
    },

    async writePointer(pointer, etag, context) {
      const version = newer !== undefined && newer.etag === etag ? newer.version : pointer.schemaVersion;
      if (version > pointerVersion) {
        throw storageUnavailable(pointerBlob, { reason: 'newer-version', pointerVersion: version });
      }
      return onBlob(pointerBlob, context, async (blob, signal) => writePointer(blob, signal, pointer, etag));
    },

    async readLines(name, context) {
      return onBlob(name, context, async (blob, signal) => readLines(blob, signal, maxLinesBytes));
    },

    async writeLines(name, lines, context) {
      if (lines.length > maxLinesBytes) throw storageUnavailable(name, { reason: 'too-large', bytes: lines.length });
      const compressed = await gzipLines(lines);
      await onBlob(name, context, async (blob, signal) => writeLines(blob, signal, compressed));
    },
  };
}
