import type { Call } from '../call.ts';
import { budgetEventsOf } from '../usage/crossings.ts';
import { extendEventLog } from '../usage/event-log.ts';
import type { Extension } from '../usage/event-log.ts';
import type { SnapshotInfo } from '../usage/pointer.ts';
import type { UsageSnapshot } from '../usage/snapshot.ts';
import { blobNames } from './blob-names.ts';
import { contentHashOf } from './content-hash.ts';
import type { LoadEventLog } from './event-log-loader.ts';
import type { SnapshotStore } from './ports.ts';
import { isUnreadableBlob } from './snapshot-loader.ts';
import type { LoadSnapshot } from './snapshot-loader.ts';

export type EventDeps = {
  readonly store: SnapshotStore;
  readonly load: LoadSnapshot;
  readonly loadEventLog: LoadEventLog;
  /** In percent, ascending. */
  readonly thresholds: readonly number[];
};

export type FoundEvents = {
  /** What the pointer has to name from now on. */
  readonly blob: string | null;
  /** What is new in it; `undefined` when nothing is. */
  readonly extension: Extension | undefined;
};

/**
 * Compares an accepted list with the last good one and writes the log with what is new; nothing is visible to readers before the
 * pointer is swapped. The first list of all has no news, nor has one whose predecessor is lost: publishing goes on.
 */
export async function findEvents(
  deps: EventDeps,
  before: SnapshotInfo | null,
  next: UsageSnapshot,
  info: SnapshotInfo,
  call: Call,
): Promise<FoundEvents> {
  if (before === null) return { blob: null, extension: undefined };
  const unchanged = { blob: before.eventsBlob, extension: undefined };
  if (before.contentHash === info.contentHash) return unchanged;
  const last = await lastGood(deps.load, before, call);
  if (last === undefined) return unchanged;
  const { period, fetchedAt } = info;
  const { thresholds } = deps;
  const found = budgetEventsOf({ next, last, period, lastPeriod: before.period, fetchedAt, thresholds });
  if (found.length === 0) return unchanged;
  const log = await deps.loadEventLog(before.eventsBlob, call);
  const extension = extendEventLog(log, found, { fetchedAt, lastFetchedAt: before.fetchedAt });
  if (extension === undefined) return unchanged;
  const blob = blobNames.events(period, fetchedAt, contentHashOf(extension.lines));
  await deps.store.writeLines(blob, extension.lines, call);
  return { blob, extension };
}

/** Says how many events of which kind a published list brought. */
export function logFoundEvents({ blob, extension }: FoundEvents, call: Call): void {
  if (extension === undefined) return;
  const { added, droppedBytes } = extension;
  const countOf = (kind: string) => added.filter((event) => event.kind === kind).length;
  call.log('events.found', {
    count: added.length,
    budgetThreshold: countOf('budgetThreshold'),
    firstSpendWithoutBudget: countOf('firstSpendWithoutBudget'),
    projectedOverBudget: countOf('projectedOverBudget'),
    droppedBytes,
    blob,
    correlationId: call.correlationId,
  });
}

async function lastGood(load: LoadSnapshot, info: SnapshotInfo, call: Call): Promise<UsageSnapshot | undefined> {
  try {
    return await load(info, call);
  } catch (error) {
    if (!isUnreadableBlob(error)) throw error;
    call.log('events.not-compared', { code: error.code, blob: info.blob, reason: error.details['reason'] });
    return undefined;
  }
}
