import type { OperationContext } from '../context.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import { findRefusalRule, hasSameRows, hasTooManyOddRecords, isConfirmed, saysTheSame } from '../snapshot/gate.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import type { Refusal, SnapshotPointer } from '../snapshot/pointer.ts';
import { parseSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { blobNames, parseQuarantineTime } from '../stored-data/blob-names.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import type { SnapshotStore, UsageDownload } from '../ports.ts';
import type { RefreshRun } from './refresh.ts';

export type Verdict =
  | { readonly gate: 'accepted' | 'confirmed' }
  /** `refusal` goes into the pointer: of several refused lists in a row that agree, the first one. */
  | { readonly gate: 'refused'; readonly refusal: Refusal };

/**
 * Logs how many records of a list are odd, and in which members. Throws DependencyError `UpstreamInvalid` with the list as evidence
 * when too many are odd: then the list or its schema is wrong.
 */
export function checkOddRecords(snapshot: UsageSnapshot, context: OperationContext): void {
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

/** Decides by the rules of the gate whether a list may replace the last good one, and writes a refused list to `quarantine/`. */
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
    const refused = await catchUnreadable(readRefusedList(deps.store, refusal.blob, context));
    if (!(refused instanceof UnreadableBlobError) && saysTheSame(next, refused)) {
      return isConfirmed(next, refusal.at, now) ? { gate: 'confirmed' } : { gate: 'refused', refusal };
    }
  }
  const blob = blobNames.quarantine(now, rule);
  await deps.store.writeLines(blob, next.lines, context);
  return { gate: 'refused', refusal: { rule, at: now, blob } };
}

async function readRefusedList(store: SnapshotStore, blob: string, context: OperationContext): Promise<UsageSnapshot> {
  return parseSnapshot(await store.readLines(blob, context));
}

/** A refused list that the operator has named, and when it was fetched. */
export type NamedList = { readonly download: UsageDownload; readonly fetchedAt: number };

export type NamedListReader = {
  /** Whether the named list still has to be tried. Once per process is enough, because a changed setting restarts the process. */
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
    const list = await catchUnreadable(readRefusedList(store, name, context));
    return list instanceof UnreadableBlobError ? reject(list.reason) : { download: toDownload(list), fetchedAt };
  }

  return { isPending: () => isPending, read };
}

/** The list as a download of one page. */
function toDownload(snapshot: UsageSnapshot): UsageDownload {
  const unknown = { totalCount: undefined, requestId: undefined, correlationId: undefined };
  return { ...unknown, snapshot, pages: 1, bytes: snapshot.lines.length };
}
