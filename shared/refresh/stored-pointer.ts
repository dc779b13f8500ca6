import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { emptyPointer } from '../snapshot/pointer.ts';
import type { SnapshotStore, StoredPointer } from './ports.ts';

/**
 * The stored pointer. One that is damaged counts as empty under its own ETag, so that the next refresh replaces it: no waiting
 * would mend it.
 */
export async function readStoredPointer(
  store: SnapshotStore,
  context: OperationContext,
  knownEtag?: string,
): Promise<StoredPointer | 'unchanged' | undefined> {
  try {
    return await store.readPointer(context, knownEtag);
  } catch (error) {
    const etag = error instanceof UnreadableBlobError ? error.etag : undefined;
    if (etag === undefined) throw error;
    context.log('pointer.damaged', { etag });
    return { pointer: emptyPointer, etag };
  }
}
