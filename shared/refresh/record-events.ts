import type { OperationContext } from '../context.ts';
import { formatDay } from '../days.ts';
import { UnreadableBlobError } from '../errors.ts';
import { findCrossings } from '../budget-events/crossings.ts';
import { createJumpEvents, createJumpFinder } from '../budget-events/find-jumps.ts';
import { writeKnownRows } from '../budget-events/known-rows.ts';
import type { KnownRows } from '../budget-events/known-rows.ts';
import type { BudgetEvent } from '../budget-events/event.ts';
import { extendEventLog } from '../budget-events/event-log.ts';
import type { Extension } from '../budget-events/event-log.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { blobNames, hashContent, isNamedByHash } from '../stored-data/blob-names.ts';
import { catchUnreadable, loadKnownRows } from '../stored-data/load-blobs.ts';
import type { RefreshRun } from './refresh.ts';

/** What the new pointer names, and what is new in the log; `undefined` when nothing is. */
export type RecordedEvents = Pick<SnapshotInfo, 'eventsBlob' | 'knownRows' | 'areJumpsPending'> & {
  readonly extension: Extension | undefined;
};

/**
 * Compares an accepted list with what was last known of its rows and with the days before, then writes the log with the new events and
 * the rows that the next comparison needs besides the list. Readers see neither before the pointer is swapped. The very first list has
 * no events. When something known is lost, an unknown row has no events either until the month ends; publishing goes on.
 */
export async function recordEvents(run: RefreshRun, next: UsageSnapshot, info: SnapshotInfo): Promise<RecordedEvents> {
  const before = run.before.pointer.snapshot;
  const { period } = info;
  if (before === null) {
    return { eventsBlob: null, extension: undefined, knownRows: { blob: null, period, isComplete: true } };
  }
  const isSame = before.contentHash === info.contentHash;
  const lastPeriod = before.knownRows?.period ?? before.period;
  // An empty list is about no month.
  const change: ListChange = { next, info, before, period: next.count === 0 ? lastPeriod : period, lastPeriod };
  const compared = isSame ? { events: [], knownRows: before.knownRows } : await compareLists(run, change);
  const mayJump = change.period >= lastPeriod && (!isSame || before.areJumpsPending === true);
  const jumps = mayJump ? await findJumpEvents(run, next, info) : [];
  const events = [...compared.events, ...(jumps ?? [])];
  return {
    ...(await recordInLog(run, events, { info, before })),
    knownRows: compared.knownRows,
    ...(jumps === undefined && { areJumpsPending: true }),
  };
}

type ListChange = {
  readonly next: UsageSnapshot;
  readonly info: SnapshotInfo;
  /** The last good list. */
  readonly before: SnapshotInfo;
  /** The months that the two are about. */
  readonly period: string;
  readonly lastPeriod: string;
};

async function compareLists(run: RefreshRun, { next, info, before, period, lastPeriod }: ListChange) {
  const { deps, context } = run;
  const { knownRows, fetchedAt: lastFetchedAt } = before;
  const { fetchedAt, hasCost } = info;
  const knownBlob = knownRows?.blob ?? null;
  const last = await loadOrReport(deps.loadSnapshot(before, context), before.blob, context);
  const rows = await loadOrReport(loadKnownRows(deps.store, knownBlob, context), knownBlob, context);
  const isLost = last === undefined || rows === undefined;
  const isComplete = !isLost && (knownRows?.isComplete === true || period > lastPeriod);
  const comparison = findCrossings({
    next,
    last,
    known: rows ?? new Map(),
    period,
    lastPeriod,
    isComplete,
    hasCost,
    fetchedAt,
    lastFetchedAt,
    thresholds: deps.thresholds,
    budgetLimits: deps.budgetLimits,
  });
  const { events, known } = await runInTurns(comparison, deps.yieldToEventLoop);
  const newest = period > lastPeriod ? period : lastPeriod;
  const blob = await storeKnownRows(run, known, { before: knownBlob, period: newest, fetchedAt });
  return { events, knownRows: { blob, period: newest, isComplete } };
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

/**
 * The jumps in daily spending that an accepted list shows; `undefined` when the days before cannot be read now. Publishing goes on, and
 * the next list must look again.
 */
async function findJumpEvents(
  { deps, context }: RefreshRun,
  next: UsageSnapshot,
  { fetchedAt, hasCost }: SnapshotInfo,
): Promise<readonly BudgetEvent[] | undefined> {
  const { dailyFigures, jumpFloors, budgetLimits } = deps;
  if (!hasCost) return [];
  const today = formatDay(fetchedAt);
  const finder = await runInTurns(createJumpFinder({ next, fetchedAt, floors: jumpFloors }), deps.yieldToEventLoop);
  const recent = await dailyFigures.getRecentCosts(today, finder.mayHaveJumped, context);
  if (recent === undefined) return undefined;
  const jumped = finder.findJumped(recent);
  if (jumped.length === 0) return [];
  const figures = await dailyFigures.getRecentFigures(today, new Set(jumped.map(({ key }) => key)), context);
  return figures && createJumpEvents(jumped, figures, { next, fetchedAt, budgetLimits });
}

/** Writes a log with the events that the last one lacks, if there are any. */
async function recordInLog(
  { deps, context }: RefreshRun,
  events: readonly BudgetEvent[],
  { info: { period, fetchedAt }, before }: Pick<ListChange, 'info' | 'before'>,
): Promise<Pick<RecordedEvents, 'eventsBlob' | 'extension'>> {
  const { eventsBlob, fetchedAt: lastFetchedAt } = before;
  if (events.length === 0) return { eventsBlob, extension: undefined };
  const log = await deps.loadEventLog(eventsBlob, context);
  const extension = extendEventLog(log, events, { fetchedAt, lastFetchedAt });
  if (extension === undefined) return { eventsBlob, extension };
  const blob = blobNames.events(period, fetchedAt, hashContent(extension.lines));
  await deps.store.writeLines(blob, extension.lines, context);
  return { eventsBlob: blob, extension };
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
    spendJump: count('spendJump'),
    droppedBytes,
    blob: eventsBlob,
    correlationId: context.correlationId,
  });
}
