import type { Call } from '../call.ts';
import { confirmsRefusal, holdsEveryRowOf, refusalRuleOf } from '../usage/gate.ts';
import type { Refusal, SnapshotPointer } from '../usage/pointer.ts';
import { parseSnapshot } from '../usage/snapshot.ts';
import type { UsageSnapshot } from '../usage/snapshot.ts';
import { blobNames } from './blob-names.ts';
import type { SnapshotStore } from './ports.ts';
import { isUnreadableBlob } from './snapshot-loader.ts';

export type Verdict =
  | { readonly gate: 'accepted' | 'confirmed' }
  /** `refusal` is what the pointer remembers: the first of a row of refusals that say the same. */
  | { readonly gate: 'refused'; readonly refusal: Refusal };

/** Lets the gate judge a list; a refused one goes to `quarantine/`. */
export async function judge(
  store: SnapshotStore,
  pointer: SnapshotPointer,
  next: UsageSnapshot,
  now: number,
  call: Call,
): Promise<Verdict> {
  const rule = refusalRuleOf(next, pointer.snapshot, now);
  if (rule === undefined) return { gate: 'accepted' };
  const first = pointer.refusal?.rule === rule ? pointer.refusal : null;
  const refused = first === null ? undefined : await readRefused(store, first, call);
  if (first !== null && refused !== undefined) {
    if (confirmsRefusal(next, refused, first.at, now)) return { gate: 'confirmed' };
    if (holdsEveryRowOf(next, refused)) return { gate: 'refused', refusal: first };
  }
  const blob = blobNames.quarantine(now, rule);
  await store.writeLines(blob, next.lines, call);
  return { gate: 'refused', refusal: { rule, at: now, blob } };
}

/** A quarantine blob that is gone or damaged only means that the waiting starts again. */
async function readRefused(store: SnapshotStore, refusal: Refusal, call: Call): Promise<UsageSnapshot | undefined> {
  try {
    return parseSnapshot(await store.readLines(refusal.blob, call));
  } catch (error) {
    if (isUnreadableBlob(error)) return undefined;
    throw error;
  }
}
