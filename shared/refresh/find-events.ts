import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { findCrossings } from '../budget-events/crossings.ts';
import { extendEventLog } from '../budget-events/log.ts';
import type { Extension } from '../budget-events/log.ts';
import { formatPeriod } from '../snapshot/period.ts';
import type { KnownRowsInfo, SnapshotInfo } from '../snapshot/pointer.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { blobNames } from './blob-names.ts';
import { hashContent } from './content-hash.ts';
import type { LoadEventLog } from './event-log-loader.ts';
import { loadKnownRows, storeKnownRows } from './known-rows-store.ts';
import type { SnapshotStore } from './ports.ts';
import type { LoadSnapshot } from './snapshot-loader.ts';

const dayMs = 24 * 3_600_000;

export type EventDeps = {
  readonly store: SnapshotStore;
  readonly load: LoadSnapshot;
  readonly loadEventLog: LoadEventLog;
  /** In percent, ascending. */
  readonly thresholds: readonly number[];
  readonly budgetLimits: BudgetLimits;
};

/** What the pointer has to name from now on, and what is new in the log; `undefined` when nothing is. */
export type FoundEvents = Pick<SnapshotInfo, 'eventsBlob' | 'knownRows'> & {
  readonly extension: Extension | undefined;
};

/**
 * Compares an accepted list with what was last known of its rows, and writes the log with what is new and the rows that the next
 * comparison needs besides the list; nothing is visible to readers before the pointer is swapped. The first list of all has no
 * news. When something known is lost, an unknown row has no news either until the month ends: publishing goes on.
 */
export async function findEvents(
  deps: EventDeps,
  before: SnapshotInfo | null,
  next: UsageSnapshot,
  info: SnapshotInfo,
  context: OperationContext,
): Promise<FoundEvents> {
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
  const last = await orLost(deps.load(before, context), before.blob, context);
  const rows = await orLost(
    loadKnownRows(deps.store, knownRows?.blob ?? null, context),
    knownRows?.blob ?? null,
    context,
  );
  const isLost = last === undefined || rows === undefined;
  const isComplete = !isLost && (knownRows?.isComplete === true || period > lastPeriod);
  const crossings = findCrossings({
    next,
    last,
    known: rows ?? new Map(),
    period,
    lastPeriod,
    isComplete,
    hasCost: info.hasCost,
    fetchedAt,
    lastFetchedAt: before.fetchedAt,
    thresholds: deps.thresholds,
    budgetLimits: deps.budgetLimits,
  });
  const newest = period > lastPeriod ? period : lastPeriod;
  const place = { before: knownRows?.blob ?? null, period: newest, fetchedAt };
  const blob = await storeKnownRows(deps.store, crossings.known, place, context);
  const nextKnownRows: KnownRowsInfo = { blob, period: newest, isComplete };
  const unchanged = { eventsBlob, extension: undefined, knownRows: nextKnownRows };
  if (crossings.events.length === 0) return unchanged;
  const log = await deps.loadEventLog(eventsBlob, context);
  const extension = extendEventLog(log, crossings.events, { fetchedAt, lastFetchedAt: before.fetchedAt });
  if (extension === undefined) return unchanged;
  const logBlob = blobNames.events(info.period, fetchedAt, hashContent(extension.lines));
  await deps.store.writeLines(logBlob, extension.lines, context);
  return { eventsBlob: logBlob, extension, knownRows: nextKnownRows };
}

/** Says how many events of which kind a published list brought. */
export function logFoundEvents({ eventsBlob, extension }: FoundEvents, context: OperationContext): void {
  if (extension === undefined) return;
  const { added, droppedBytes } = extension;
  const countOf = (kind: string) => added.filter((event) => event.kind === kind).length;
  context.log('events.found', {
    count: added.length,
    budgetThreshold: countOf('budgetThreshold'),
    firstSpendWithoutBudget: countOf('firstSpendWithoutBudget'),
    projectedOverBudget: countOf('projectedOverBudget'),
    droppedBytes,
    blob: eventsBlob,
    correlationId: context.correlationId,
  });
}

/** What a blob holds, or `undefined` when it is lost or damaged, which is logged. */
async function orLost<T>(loading: Promise<T>, blob: string | null, context: OperationContext): Promise<T | undefined> {
  try {
    return await loading;
  } catch (error) {
    if (!(error instanceof UnreadableBlobError)) throw error;
    context.log('events.not-compared', { code: error.code, blob, reason: error.reason });
    return undefined;
  }
}
