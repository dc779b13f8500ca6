// Above the port SnapshotStore: the rules for reading and replacing the pointer. storage/snapshot-store.ts is the adapter below it.
import type { OperationContext } from '../context.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import { emptyPointer } from '../snapshot/pointer.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';
import type { SnapshotStore } from '../ports.ts';

/** The pointer with the ETag to replace it by; empty and without an ETag before the first refresh. */
export type KnownPointer = { readonly pointer: SnapshotPointer; readonly etag: string | undefined };

const noPointer: KnownPointer = { pointer: emptyPointer, etag: undefined };

/**
 * The stored pointer; `known` itself while storage has it under the same ETag. A damaged one counts as empty under its own ETag, so the
 * next refresh replaces it: waiting does not repair it.
 */
export async function readStoredPointer(
  store: SnapshotStore,
  context: OperationContext,
  known = noPointer,
): Promise<KnownPointer> {
  try {
    const stored = (await store.readPointer(context, known.etag)) ?? noPointer;
    return stored === 'unchanged' ? known : stored;
  } catch (error) {
    if (!(error instanceof UnreadableBlobError) || error.etag === undefined) throw error;
    const { etag } = error;
    context.log('pointer.damaged', { etag });
    return { pointer: emptyPointer, etag };
  }
}

/** Where the pointer is, and what it was when it was read. */
type PointerChange = {
  readonly deps: { readonly store: SnapshotStore };
  readonly before: KnownPointer;
  readonly context: OperationContext;
};

/** Replaces the pointer that the change started from. Throws DependencyError `StorageUnavailable` when somebody else wrote. */
export async function replacePointer(
  { deps, before, context }: PointerChange,
  pointer: SnapshotPointer,
): Promise<void> {
  const written = await deps.store.writePointer(pointer, before.etag, context);
  if (written !== 'conflict') return;
  throw new DependencyError('StorageUnavailable', 'another process wrote the pointer', {
    details: { reason: 'conflict' },
  });
}
