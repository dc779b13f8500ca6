import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { parseKnownRows, writeKnownRows } from '../budget-events/known-rows.ts';
import type { KnownRows } from '../budget-events/known-rows.ts';
import { blobNames, isNamedByHash } from './blob-names.ts';
import { hashContent } from './content-hash.ts';
import type { SnapshotStore } from './ports.ts';

/** The rows of a pointer's `knownRows` blob. Throws DependencyError `StorageUnavailable` when it is missing, damaged or out of reach. */
export async function loadKnownRows(
  store: SnapshotStore,
  blob: string | null,
  context: OperationContext,
): Promise<KnownRows> {
  if (blob === null) return new Map();
  const lines = await store.readLines(blob, context);
  if (isNamedByHash(blob, lines)) return parseKnownRows(lines);
  throw new UnreadableBlobError('the known rows are not what their name says', {
    reason: 'corrupt',
    details: { blob },
  });
}

/** Stores the rows and gives the blob's name: `before` when that holds the same, `null` when there are no rows. */
export async function storeKnownRows(
  store: SnapshotStore,
  rows: KnownRows,
  {
    before,
    period,
    fetchedAt,
  }: { readonly before: string | null; readonly period: string; readonly fetchedAt: number },
  context: OperationContext,
): Promise<string | null> {
  if (rows.size === 0) return null;
  const lines = writeKnownRows(rows);
  const blob = blobNames.knownRows(period, fetchedAt, hashContent(lines));
  // A blob of an older month is written anew before the lifecycle rule of its folder deletes it.
  if (before?.startsWith(`events/${period}/`) && isNamedByHash(before, lines)) return before;
  await store.writeLines(blob, lines, context);
  return blob;
}
