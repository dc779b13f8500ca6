import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import { parseSnapshot } from '../snapshot/snapshot.ts';
import { parseQuarantineTime } from './blob-names.ts';
import type { SnapshotStore, StoredPointer, UsageDownload } from './ports.ts';

/** A refused list that the operator has named, and when it was fetched. */
export type NamedList = { readonly download: UsageDownload; readonly fetchedAt: number };

export type NamedListReader = {
  /** Whether the name is still to be looked at: once per process, as a changed setting starts a new one. */
  isPending(): boolean;
  /** The list to publish; `undefined` when there is none, or the list served is it or a newer one. */
  read(stored: StoredPointer | undefined, context: OperationContext): Promise<NamedList | undefined>;
};

/** A reader of the quarantined list of this name. A name that cannot be accepted is reported and changes nothing else. */
export function createNamedListReader(store: SnapshotStore, name: string | undefined): NamedListReader {
  let isPending = name !== undefined;

  async function read(stored: StoredPointer | undefined, context: OperationContext): Promise<NamedList | undefined> {
    if (!isPending || name === undefined || (stored?.pointer.schemaVersion ?? 0) > pointerVersion) return undefined;
    const reject = (reason: string) => {
      isPending = false;
      context.log('quarantine.not-accepted', { blob: name, reason });
      return undefined;
    };
    const fetchedAt = parseQuarantineTime(name);
    if (fetchedAt === undefined) return reject('not-a-list');
    const servedAt = stored?.pointer.snapshot?.fetchedAt ?? 0;
    isPending = fetchedAt !== servedAt;
    if (!isPending) return undefined;
    if (fetchedAt < servedAt) return reject('too-old');
    try {
      const snapshot = parseSnapshot(await store.readLines(name, context));
      const ids = { requestId: undefined, correlationId: undefined };
      return {
        download: { snapshot, totalCount: undefined, pages: 1, bytes: snapshot.lines.length, ...ids },
        fetchedAt,
      };
    } catch (error) {
      if (error instanceof UnreadableBlobError) return reject(error.reason);
      throw error;
    }
  }

  return { isPending: () => isPending, read };
}
