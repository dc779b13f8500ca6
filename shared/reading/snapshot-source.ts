import type { OperationContext } from '../context.ts';
import type { Clock } from '../clock.ts';
import { isCursorExpired } from '../query/cursor.ts';
import type { Cursor } from '../query/cursor.ts';
import type { UsageQuery } from '../query/parameters.ts';
import { formatPeriod } from '../snapshot/period.ts';
import type { KeptListReader, KeptSnapshot, LoadableKeptSource } from './kept-list-reader.ts';
import type { ServedSnapshot, SnapshotReader } from './snapshot-reader.ts';

/** What an answer is made from: the last good snapshot, or a kept one, whose rows are not read before they are asked for. */
export type SnapshotSource = ServedSnapshot | LoadableKeptSource;

/** A source with its rows in memory. */
export type LoadedSource = ServedSnapshot | KeptSnapshot;

type SourceQuery = Pick<UsageQuery, 'asOf' | 'period' | 'cursor'>;

/**
 * The source that a query asks for. Without `asOf` and `period`, and for the current list's own month, it is the last good snapshot.
 * Throws what SnapshotReader and KeptListReader throw.
 */
export type FindSource = (query: SourceQuery, context: OperationContext) => Promise<SnapshotSource>;

export type FindSourceDeps = {
  readonly snapshots: SnapshotReader;
  readonly keptLists: KeptListReader;
  readonly clock: Clock;
};

export function createFindSource({ snapshots, keptLists, clock }: FindSourceDeps): FindSource {
  return function findSource({ asOf, period, cursor }, context) {
    if (asOf !== undefined) return findDay(asOf, cursor, context);
    return period === undefined ? findCurrent(cursor, context) : findPeriod(period, cursor, context);
  };

  async function findDay(
    day: string,
    cursor: SourceQuery['cursor'],
    context: OperationContext,
  ): Promise<SnapshotSource> {
    const { loaded } = await snapshots.getHeld(context);
    return keptLists.findDay(day, { wantedHash: cursor?.snapshot, current: loaded }, context);
  }

  async function findPeriod(
    period: string,
    cursor: SourceQuery['cursor'],
    context: OperationContext,
  ): Promise<SnapshotSource> {
    const { loaded } = await snapshots.getHeld(context);
    if (period === (loaded?.info.period ?? formatPeriod(clock()))) {
      const current = await findCurrent(cursor, context);
      // Reading it may have brought the list of another month; then the closing list is the answer.
      if (current.info.period === period) return current;
    }
    return keptLists.findPeriod(period, { wantedHash: cursor?.snapshot, current: loaded }, context);
  }

  function findCurrent(cursor: SourceQuery['cursor'], context: OperationContext): Promise<ServedSnapshot> {
    return cursor === undefined ? snapshots.getOrRefresh(context) : findUnexpired(cursor, context);
  }

  /** Another instance may have published the cursor's snapshot, so the pointer is read again before the cursor counts as expired. */
  async function findUnexpired(cursor: Cursor, context: OperationContext): Promise<ServedSnapshot> {
    const served = await snapshots.getOrRefresh(context);
    return isCursorExpired(cursor, served.info.contentHash) ? snapshots.getRevalidated(context) : served;
  }
}
