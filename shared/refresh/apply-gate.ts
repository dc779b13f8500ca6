import type { OperationContext } from '../context.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import { findRefusalRule, hasSameRows, hasTooManyOddRecords, isConfirmed, saysTheSame } from '../snapshot/gate.ts';
import type { Refusal } from '../snapshot/pointer.ts';
import { parseSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import type { SnapshotStore } from '../ports.ts';
import type { RefreshRun } from './refresh-types.ts';

export type Verdict =
  | { readonly gate: 'accepted' | 'confirmed' }
  /** `refusal` is what the pointer remembers: the first of a row of refusals that say the same. */
  | { readonly gate: 'refused'; readonly refusal: Refusal };

/**
 * Logs how many records of a list are odd, and in which members. Throws DependencyError `UpstreamInvalid` with the list as evidence
 * when there are too many for it to be a list of usage records.
 */
export function reportOddRecords(snapshot: UsageSnapshot, context: OperationContext): void {
  const { oddMembers, count: recordCount } = snapshot;
  if (oddMembers.size === 0) return;
  const details = {
    oddRecordCount: oddMembers.size,
    recordCount,
    member: [...new Set([...oddMembers.values()].flat())].toSorted().join(','),
  };
  if (hasTooManyOddRecords(snapshot)) {
    throw new DependencyError('UpstreamInvalid', 'too many records are not what the schema says', {
      details: { reason: 'odd-records', ...details },
      evidence: snapshot.lines,
    });
  }
  context.log('upstream.odd-records', { ...details, correlationId: context.correlationId });
}

/** Decides by the rules of the gate whether a list may replace the last good one; a refused one goes to `quarantine/`. */
export async function applyGate(run: RefreshRun, next: UsageSnapshot, now: number): Promise<Verdict> {
  const { deps, before, context } = run;
  const { snapshot: last, refusal } = before.pointer;
  // A confirmed list is still in doubt, so the figures of the one before it are compared.
  const rule = findRefusalRule(next, last?.trusted ?? last, now);
  if (last === null || rule === undefined) return { gate: 'accepted' };
  if (last.gate === 'confirmed' && findRefusalRule(next, last, now) === undefined) {
    const confirmed = await catchUnreadable(deps.loadSnapshot(last, context));
    // Otherwise every list after the confirmed one would wait for a confirmation of its own.
    if (!(confirmed instanceof UnreadableBlobError) && hasSameRows(next, confirmed)) return { gate: 'confirmed' };
  }
  if (refusal?.rule === rule) {
    // When the refused list is gone or damaged, the wait starts again.
    const refused = await catchUnreadable(readRefused(deps.store, refusal, context));
    if (!(refused instanceof UnreadableBlobError) && saysTheSame(next, refused)) {
      return isConfirmed(next, refusal.at, now) ? { gate: 'confirmed' } : { gate: 'refused', refusal };
    }
  }
  const blob = blobNames.quarantine(now, rule);
  await deps.store.writeLines(blob, next.lines, context);
  return { gate: 'refused', refusal: { rule, at: now, blob } };
}

async function readRefused(store: SnapshotStore, refusal: Refusal, context: OperationContext): Promise<UsageSnapshot> {
  return parseSnapshot(await store.readLines(refusal.blob, context));
}
