import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { findCrossings } from '../budget-events/crossings.ts';
import { writeKnownRows } from '../budget-events/known-rows.ts';
import type { KnownRows } from '../budget-events/known-rows.ts';
import { extendEventLog } from '../budget-events/event-log.ts';
import type { Extension } from '../budget-events/event-log.ts';
import { formatPeriod } from '../snapshot/period.ts';
import type { KnownRowsInfo, SnapshotInfo } from '../snapshot/pointer.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { blobNames, hashContent, isNamedByHash } from './blob-names.ts';
import { catchUnreadable, loadKnownRows } from './load-blobs.ts';
import type { RefreshRun } from './refresh-run.ts';

const dayMs = 24 * 3_600_000;

/** What the pointer has to name from now on, and what is new in the log; `undefined` when nothing is. */
export type RecordedEvents = Pick<SnapshotInfo, 'eventsBlob' | 'knownRows'> & {
  readonly extension: Extension | undefined;
};

/**
 * Compares an accepted list with what was last known of its rows, then writes the log with the new events and the rows that the next
 * comparison needs besides the list. Readers see neither before the pointer is swapped. The very first list has no events. When
 * something known is lost, an unknown row has no events either until the month ends; publishing goes on.
 */
export async function recordEvents(run: RefreshRun, next: UsageSnapshot, info: SnapshotInfo): Promise<RecordedEvents> {
  const { deps, context } = run;
  const before = run.before.pointer.snapshot;
  const { fetchedAt } = info;
  // A date in the future must not make every other row look old.
  const today = formatPeriod(fetchedAt + dayMs);
  const listed = info.period < today ? info.period : today;
  if (before === null) {
    return { eventsBlob: null, extension: undefined, knownRows: { blob: null, period: listed, isComplete: true } };
  }
  const { eventsBlob, knownRows } = before;
  if (before.contentHash === info.contentHash) return { eventsBlob, extension: undefined, knownRows };
  const lastPeriod = knownRows?.period ?? before.period;
  // An empty list is about no month.
  const period = next.count === 0 ? lastPeriod : listed;
  const knownBlob = knownRows?.blob ?? null;
  const last = await loadOrReport(deps.loadSnapshot(before, context), before.blob, context);
  const rows = await loadOrReport(loadKnownRows(deps.store, knownBlob, context), knownBlob, context);
  const isLost = last === undefined || rows === undefined;
  const isComplete = !isLost && (knownRows?.isComplete === true || period > lastPeriod);
  const lastFetchedAt = before.fetchedAt;
  const comparison = findCrossings({
    next,
    last,
    known: rows ?? new Map(),
    period,
    lastPeriod,
    isComplete,
    hasCost: info.hasCost,
    fetchedAt,
    lastFetchedAt,
    thresholds: deps.thresholds,
    budgetLimits: deps.budgetLimits,
  });
  const crossings = await runInTurns(comparison, deps.yieldToEventLoop);
  const newest = period > lastPeriod ? period : lastPeriod;
  const blob = await storeKnownRows(run, crossings.known, { before: knownBlob, period: newest, fetchedAt });
  const nextKnownRows: KnownRowsInfo = { blob, period: newest, isComplete };
  const unchanged = { eventsBlob, extension: undefined, knownRows: nextKnownRows };
  if (crossings.events.length === 0) return unchanged;
  const log = await deps.loadEventLog(eventsBlob, context);
  const extension = extendEventLog(log, crossings.events, { fetchedAt, lastFetchedAt });
  if (extension === undefined) return unchanged;
  const logBlob = blobNames.events(info.period, fetchedAt, hashContent(extension.lines));
  await deps.store.writeLines(logBlob, extension.lines, context);
  return { eventsBlob: logBlob, extension, knownRows: nextKnownRows };
}

/** What a blob holds; `undefined` when it is lost or damaged, which is logged. */
async function loadOrReport<T>(
  loading: Promise<T>,
  blob: string | null,
  context: OperationContext,
): Promise<T | undefined> {
  const loaded = await catchUnreadable(loading);
  if (!(loaded instanceof UnreadableBlobError)) return loaded;
  context.log('events.not-compared', { code: loaded.code, blob, reason: loaded.reason });
  return undefined;
}

type KnownRowsPlace = { readonly before: string | null; readonly period: string; readonly fetchedAt: number };

/** Stores the rows and returns the blob's name: `before` when that blob holds the same, `null` when there are no rows. */
async function storeKnownRows(
  { deps, context }: RefreshRun,
  rows: KnownRows,
  { before, period, fetchedAt }: KnownRowsPlace,
): Promise<string | null> {
  if (rows.size === 0) return null;
  const lines = writeKnownRows(rows);
  // A blob of an older month is written anew before the lifecycle rule of its folder deletes it.
  if (before?.startsWith(`events/${period}/`) && isNamedByHash(before, lines)) return before;
  const blob = blobNames.knownRows(period, fetchedAt, hashContent(lines));
  await deps.store.writeLines(blob, lines, context);
  return blob;
}

/** Logs how many events of which kind a published list brought. */
export function logEvents({ eventsBlob, extension }: RecordedEvents, context: OperationContext): void {
  if (extension === undefined) return;
  const { added, droppedBytes } = extension;
  const count = (kind: string) => added.filter((event) => event.kind === kind).length;
  context.log('events.found', {
    count: added.length,
    budgetThreshold: count('budgetThreshold'),
    firstSpendWithoutBudget: count('firstSpendWithoutBudget'),
    projectedOverBudget: count('projectedOverBudget'),
    droppedBytes,
    blob: eventsBlob,
    correlationId: context.correlationId,
  });
}
