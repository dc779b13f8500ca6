import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';
import { parseSnapshot } from '../snapshot/snapshot.ts';
import { parseQuarantineTime } from '../stored-data/blob-names.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import type { SnapshotStore, UsageDownload } from '../ports.ts';

/** A refused list that the operator has named, and when it was fetched. */
export type NamedList = { readonly download: UsageDownload; readonly fetchedAt: number };

export type NamedListReader = {
  /** Whether the named list has not been read yet: once per process is enough, because a changed setting starts a new one. */
  isPending(): boolean;
  /** The list to publish; `undefined` when there is none, or when the snapshot served is that list or a newer one. */
  read(pointer: SnapshotPointer, context: OperationContext): Promise<NamedList | undefined>;
};

/** A reader of the quarantined list of this name. A name that cannot be accepted is reported and changes nothing else. */
export function createNamedListReader(store: SnapshotStore, name: string | undefined): NamedListReader {
  let isPending = name !== undefined;

  async function read(pointer: SnapshotPointer, context: OperationContext): Promise<NamedList | undefined> {
    if (!isPending || name === undefined || pointer.schemaVersion > pointerVersion) return undefined;
    const reject = (reason: string) => {
      isPending = false;
      context.log('quarantine.not-accepted', { blob: name, reason });
      return undefined;
    };
    const fetchedAt = parseQuarantineTime(name);
    if (fetchedAt === undefined) return reject('not-a-list');
    const servedAt = pointer.snapshot?.fetchedAt ?? 0;
    isPending = fetchedAt !== servedAt;
    if (!isPending) return undefined;
    if (fetchedAt < servedAt) return reject('too-old');
    const download = await catchUnreadable(readDownload(store, name, context));
    return download instanceof UnreadableBlobError ? reject(download.reason) : { download, fetchedAt };
  }

  return { isPending: () => isPending, read };
}

async function readDownload(store: SnapshotStore, name: string, context: OperationContext): Promise<UsageDownload> {
  const snapshot = parseSnapshot(await store.readLines(name, context));
  const ids = { requestId: undefined, correlationId: undefined };
  return { snapshot, totalCount: undefined, pages: 1, bytes: snapshot.lines.length, ...ids };
}
