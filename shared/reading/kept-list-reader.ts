import { hash } from 'node:crypto';
import type { OperationContext } from '../context.ts';
import { RefusedError, UnreadableBlobError } from '../errors.ts';
import { findClosingCopy } from '../history/closing-copy.ts';
import { findNearestDays, findNearestPeriods } from '../history/kept-list-names.ts';
import type { KeptList } from '../history/kept-list-names.ts';
import { getSnapshotPeriod } from '../snapshot/period.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import { toStoredSnapshot } from '../snapshot/snapshot.ts';
import type { StoredSnapshot, UsageSnapshot } from '../snapshot/snapshot.ts';
import type { KeptListIndex, KeptListIndexReader } from './kept-list-index.ts';
import type { LoadKeptList } from './kept-list-loader.ts';
import { createKeptListSlots } from './kept-list-slots.ts';
import type { Held } from './pointer-watch.ts';

/** Which kept list a caller asked for by day or by month, and its blob. */
type KeptChoice = {
  readonly blob: string;
  readonly asOf?: string;
  readonly period?: string;
  /** Counts the closing lists of a month from 1; absent where there is none, and a daily copy serves. */
  readonly version?: number;
};

/** A kept list before any of its rows is read: enough for the headers, the ETag and a 304. */
export type KeptSource = {
  readonly info: Pick<SnapshotInfo, 'contentHash' | 'fetchedAt'>;
  readonly state: 'historical';
  readonly reason?: undefined;
  readonly kept: KeptChoice;
};

/** A kept list with its rows. */
export type KeptSnapshot = KeptSource & {
  readonly info: Pick<SnapshotInfo, 'contentHash' | 'fetchedAt' | 'period' | 'recordCount'>;
  readonly snapshot: StoredSnapshot;
};

/** A source, and how to use its rows. */
export type LoadableKeptSource = KeptSource & {
  /**
   * Makes an answer from the rows, which stay in memory that long. Throws RefusedError `DayNotKept` or `PeriodNotKept` when the list is lost
   * or damaged, or DependencyError `StorageUnavailable`.
   */
  readonly withRows: <T>(answer: (served: KeptSnapshot) => Promise<T>) => Promise<T>;
};

/** Lists in memory for answers in the making, besides those that are kept: more would not fit, if they are large. */
const maxListsInUse = 3;

/** What a list is chosen by, besides its day or month. */
type Choice = {
  /** The first 16 hex digits of the hash of the list that a cursor came from. */
  readonly wantedHash: string | undefined;
  /** The current snapshot: a kept list of equal content is not read again. */
  readonly current: Held['loaded'];
};

/** Finds kept lists, nearly always without reading any of their rows. */
export type KeptListReader = {
  /** The list of a UTC day. Throws RefusedError `DayNotKept`, or DependencyError `StorageUnavailable`. */
  findDay(day: string, choice: Choice, context: OperationContext): Promise<LoadableKeptSource>;
  /** The closing list of a month that is not the current one. Throws RefusedError `PeriodNotKept`, or DependencyError `StorageUnavailable`. */
  findPeriod(period: string, choice: Choice, context: OperationContext): Promise<LoadableKeptSource>;
};

export type KeptListReaderDeps = { readonly index: KeptListIndexReader; readonly loadKeptList: LoadKeptList };

type Found = { readonly list: KeptList; readonly version?: number };
type Refuse = (reason?: UnreadableBlobError['reason']) => RefusedError;
type FoundSource = { readonly list: KeptList; readonly kept: KeptChoice; readonly refuse: Refuse };

export function createKeptListReader({ index, loadKeptList }: KeptListReaderDeps): KeptListReader {
  const withSlot = createKeptListSlots(maxListsInUse);
  const readPeriod = createCopyPeriodReader((copy, context, read) =>
    withSlot(copy.blob, context.signal, async () => read(await loadKeptList(copy, context))),
  );
  const reported = new Set<string>();

  async function findDay(asOf: string, choice: Choice, context: OperationContext): Promise<LoadableKeptSource> {
    const { found, known } = await findRevalidated(choice, context, async ({ daily }, wantedHash) =>
      chooseVersion(
        daily.filter(({ day }) => day === asOf),
        wantedHash,
      ),
    );
    const refuse: Refuse = (reason) =>
      new RefusedError({ kind: 'DayNotKept', asked: asOf, ...findNearestDays(known.daily, asOf), reason });
    if (found === undefined) throw refuse();
    const { list } = found;
    return describeFound({ list, kept: { blob: list.blob, asOf }, refuse }, choice.current, context);
  }

  async function findPeriod(period: string, choice: Choice, context: OperationContext): Promise<LoadableKeptSource> {
    const { found, known } = await findRevalidated(choice, context, async (listed, wantedHash) => {
      const closing = chooseVersion(listed.closings.get(period) ?? [], wantedHash);
      if (closing !== undefined || listed.closings.has(period)) return closing;
      const list = await findClosingCopy(listed.daily, period, (copy) =>
        readOrRefuse(readPeriod(copy, context), createRefuse(listed), context),
      );
      return list && { list };
    });
    function createRefuse({ daily, closings }: KeptListIndex): Refuse {
      const nearest = findNearestPeriods({ daily, closings, current: choice.current?.info.period }, period);
      return (reason) => new RefusedError({ kind: 'PeriodNotKept', asked: period, ...nearest, reason });
    }
    if (found === undefined) throw createRefuse(known)();
    const { list, version } = found;
    const kept = { blob: list.blob, period, ...(version !== undefined && { version }) };
    return describeFound({ list, kept, refuse: createRefuse(known) }, choice.current, context);
  }

  /** Looks among the names as last listed, and lists again before something counts as not kept or a cursor as expired. */
  async function findRevalidated(
    { wantedHash, current }: Choice,
    context: OperationContext,
    find: (known: KeptListIndex, wantedHash: string | undefined) => Promise<Found | undefined>,
  ) {
    const known = await index.get(current?.info.fetchedAt, context);
    const found = await find(known, wantedHash);
    if (found !== undefined) return { found, known };
    const listed = await index.getRevalidated(current?.info.fetchedAt, context);
    return { found: await find(listed, undefined), known: listed };
  }

  function describeFound(
    { list, kept, refuse }: FoundSource,
    current: Choice['current'],
    context: OperationContext,
  ): LoadableKeptSource {
    const contentHash = list.contentHash ?? hashName(list.blob);
    const source: KeptSource = { info: { contentHash, fetchedAt: list.fetchedAt }, state: 'historical', kept };
    function addRows(snapshot: UsageSnapshot): KeptSnapshot {
      const period = kept.period ?? getSnapshotPeriod(snapshot, list.fetchedAt);
      return {
        ...source,
        info: { ...source.info, period, recordCount: snapshot.count },
        snapshot: toStoredSnapshot(snapshot),
      };
    }
    return {
      ...source,
      async withRows(answer) {
        if (current?.info.contentHash.startsWith(contentHash) === true)
          return answer(addRows(await current.snapshot.scan()));
        return withSlot(list.blob, context.signal, async () =>
          answer(addRows(await readOrRefuse(loadKeptList(list, context), refuse, context))),
        );
      },
    };
  }

  /** What is read; a lost or damaged blob is refused, and reported once per process. */
  async function readOrRefuse<T>(reading: Promise<T>, refuse: Refuse, context: OperationContext): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof UnreadableBlobError)) throw error;
      const { code, reason, details } = error;
      const blob = String(details['blob']);
      if (!reported.has(blob)) context.log('history.unreadable', { code, blob, reason });
      reported.add(blob);
      throw refuse(reason);
    }
  }

  return { findDay, findPeriod };
}

/** The version that a cursor came from, or without a cursor the newest; `undefined` when there is none. */
function chooseVersion(versions: readonly KeptList[], wantedHash: string | undefined): Found | undefined {
  const at =
    wantedHash === undefined
      ? versions.length - 1
      : versions.findLastIndex(({ blob, contentHash }) => (contentHash ?? hashName(blob)) === wantedHash);
  const list = versions[at];
  return list && { list, version: at + 1 };
}

type UseCopy = (
  copy: KeptList,
  context: OperationContext,
  read: (snapshot: UsageSnapshot) => string,
) => Promise<string>;

/** The month that a copy is about; a copy never changes, so each is read for it once. */
function createCopyPeriodReader(useCopy: UseCopy) {
  const periods = new Map<string, string>();
  return async function readPeriod(copy: KeptList, context: OperationContext): Promise<string> {
    const key = copy.contentHash ?? copy.blob;
    const known = periods.get(key);
    if (known !== undefined) return known;
    const period = await useCopy(copy, context, (snapshot) => getSnapshotPeriod(snapshot, copy.fetchedAt));
    periods.set(key, period);
    return period;
  };
}

/** Stands for the content of a copy whose name does not say its hash. */
function hashName(blob: string): string {
  return hash('sha256', blob, 'hex').slice(0, 16);
}
