import type { OperationContext } from '../context.ts';
import type { Clock } from '../clock.ts';
import { isCursorExpired } from '../query/cursor.ts';
import type { UsageQuery } from '../query/parameters.ts';
import { formatPeriod } from '../snapshot/period.ts';
import type { KeptListReader, KeptSnapshot, KeptSource } from './kept-list-reader.ts';
import type { ServedSnapshot, SnapshotReader } from './snapshot-reader.ts';

/** What an answer is made from: the last good snapshot, or a kept one. */
export type SnapshotSource = Omit<ServedSnapshot, 'snapshot'> | KeptSource;

/** The same with its rows. */
export type AnsweredSnapshot = ServedSnapshot | KeptSnapshot;

/** A source, and how to use its rows. */
export type LoadableSource = {
  readonly source: SnapshotSource;
  /** Makes an answer from the rows. Throws RefusedError `DayNotKept` or `PeriodNotKept` when the kept list is lost or damaged, and what storage throws. */
  readonly withRows: <T>(answer: (served: AnsweredSnapshot) => Promise<T>) => Promise<T>;
};

/**
 * The source that a query asks for. Without `asOf` and `period`, and for the current list's own month, it is the last good snapshot.
 * Throws what SnapshotReader and KeptListReader throw.
 */
export type FindSource = (
  query: Pick<UsageQuery, 'asOf' | 'period' | 'cursor'>,
  context: OperationContext,
) => Promise<LoadableSource>;

export type FindSourceDeps = {
  readonly snapshots: SnapshotReader;
  readonly keptLists: KeptListReader;
  readonly clock: Clock;
};

export function createFindSource({ snapshots, keptLists, clock }: FindSourceDeps): FindSource {
  return async function findSource({ asOf, period, cursor }, context) {
    if (asOf === undefined && period === undefined) return toLoadable(await getCurrent(cursor, context));
    const { served } = await snapshots.getStatus(context);
    const choice = { wantedHash: cursor?.snapshot, current: served };
    if (asOf !== undefined) return keptLists.findDay(asOf, choice, context);
    if (period === (served?.info.period ?? formatPeriod(clock()))) {
      const current = await getCurrent(cursor, context);
      if (current.info.period === period) return toLoadable(current);
    }
    return keptLists.findPeriod(period ?? '', choice, context);
  };

  /** Another instance may have published the cursor's snapshot, so the pointer is read again before the cursor counts as expired. */
  async function getCurrent(cursor: UsageQuery['cursor'], context: OperationContext): Promise<ServedSnapshot> {
    const served = await snapshots.getOrRefresh(context);
    if (cursor === undefined || !isCursorExpired(cursor, served.info.contentHash)) return served;
    return snapshots.getRevalidated(context);
  }
}

function toLoadable(served: ServedSnapshot): LoadableSource {
  return { source: served, withRows: (answer) => answer(served) };
}
