import type { MonthStore, SnapshotStore, StoredPointer } from '../../../shared/ports.ts';
import { UnreadableBlobError } from '../../../shared/errors.ts';

/** The store's contract in memory, with a hook before each operation so that a test can fail or stop any step. */
export function createMemoryStore() {
  const blobs = new Map<string, Buffer>();
  const operations: string[] = [];
  let stored: StoredPointer | undefined;
  let version = 0;
  let before: ((operation: string) => void) | undefined;

  function step(operation: string): void {
    before?.(operation);
    operations.push(operation);
  }

  const store: SnapshotStore = {
    async readPointer(_call, knownEtag) {
      step('readPointer');
      return stored !== undefined && stored.etag === knownEtag ? 'unchanged' : stored;
    },
    async writePointer(pointer, etag) {
      step('writePointer');
      if (stored?.etag !== etag) return 'conflict';
      version += 1;
      stored = { pointer: structuredClone(pointer), etag: `"${version}"` };
      return stored;
    },
    async readLines(blob) {
      step(`readLines ${blob}`);
      const lines = blobs.get(blob);
      if (lines !== undefined) return lines;
      throw new UnreadableBlobError('no such blob', { reason: 'missing', details: { blob } });
    },
    async writeLines(blob, lines) {
      step(`writeLines ${blob}`);
      if (!blobs.has(blob)) blobs.set(blob, lines);
    },
    async listBlobs(prefix) {
      step(`listBlobs ${prefix}`);
      return [...blobs.keys()].filter((name) => name.startsWith(prefix)).toSorted();
    },
  };

  const written = new Map<string, { readonly bytes: Buffer; readonly etag: string }>();
  const months: MonthStore = {
    async readStart(blob, { maxBytes }) {
      step(`readStart ${blob}`);
      const month = written.get(blob);
      return month && { ...month, bytes: month.bytes.subarray(0, maxBytes) };
    },
    async readRange(blob, { start, end, etag }) {
      step(`readRange ${blob}`);
      const month = written.get(blob);
      return month?.etag === etag ? month.bytes.subarray(start, end) : 'changed';
    },
    async replace(blob, parts, etag) {
      step(`replace ${blob}`);
      if (written.get(blob)?.etag !== etag) return 'conflict';
      version += 1;
      written.set(blob, { bytes: Buffer.concat(parts), etag: `"${version}"` });
      return 'written';
    },
  };

  return {
    store,
    months,
    /** The months of history by blob name. */
    written,
    blobs,
    operations,
    pointer: () => stored?.pointer,
    setPointer(pointer: StoredPointer['pointer']) {
      version += 1;
      stored = { pointer, etag: `"${version}"` };
    },
    /** Runs before every operation from now on; what it throws, the operation throws. */
    beforeEach(hook?: (operation: string) => void) {
      before = hook;
    },
  };
}
