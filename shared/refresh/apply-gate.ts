import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { findRefusalRule, hasSameRows, isConfirmed, saysTheSame } from '../snapshot/gate.ts';
import type { Refusal, SnapshotInfo, SnapshotPointer } from '../snapshot/pointer.ts';
import { parseSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { blobNames } from './blob-names.ts';
import type { SnapshotStore } from './ports.ts';
import type { LoadSnapshot } from './snapshot-loader.ts';

export type GateDeps = { readonly store: SnapshotStore; readonly load: LoadSnapshot };

export type Verdict =
  | { readonly gate: 'accepted' | 'confirmed' }
  /** `refusal` is what the pointer remembers: the first of a row of refusals that say the same. */
  | { readonly gate: 'refused'; readonly refusal: Refusal };

/** Lets the gate judge a list; a refused one goes to `quarantine/`. */
export async function judge(
  { store, load }: GateDeps,
  { snapshot: last, refusal }: SnapshotPointer,
  next: UsageSnapshot,
  now: number,
  context: OperationContext,
): Promise<Verdict> {
  // A confirmed list is still in doubt: the one before it remains the measure.
  const rule = findRefusalRule(next, last?.trusted ?? last, now);
  if (last === null || rule === undefined) return { gate: 'accepted' };
  if (last.gate === 'confirmed' && (await continuesConfirmed(load, last, next, now, context))) {
    return { gate: 'confirmed' };
  }
  const first = refusal?.rule === rule ? refusal : null;
  const refused = first === null ? undefined : await readableOrNone(readRefused(store, first, context));
  if (first !== null && refused !== undefined && saysTheSame(next, refused)) {
    return isConfirmed(next, first.at, now) ? { gate: 'confirmed' } : { gate: 'refused', refusal: first };
  }
  const blob = blobNames.quarantine(now, rule);
  await store.writeLines(blob, next.lines, context);
  return { gate: 'refused', refusal: { rule, at: now, blob } };
}

/** Whether a list says what the confirmed one before it said; otherwise every list after that would wait for a confirmation. */
async function continuesConfirmed(
  load: LoadSnapshot,
  last: SnapshotInfo,
  next: UsageSnapshot,
  now: number,
  context: OperationContext,
): Promise<boolean> {
  if (findRefusalRule(next, last, now) !== undefined) return false;
  const confirmed = await readableOrNone(load(last, context));
  return confirmed !== undefined && hasSameRows(next, confirmed);
}

async function readRefused(store: SnapshotStore, refusal: Refusal, context: OperationContext): Promise<UsageSnapshot> {
  return parseSnapshot(await store.readLines(refusal.blob, context));
}

/** A blob that is gone or damaged only means that the waiting starts again. */
async function readableOrNone(reading: Promise<UsageSnapshot>): Promise<UsageSnapshot | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof UnreadableBlobError) return undefined;
    throw error;
  }
}
