/** A list that is kept under a name of its own. */
export type KeptList = {
  readonly blob: string;
  /** UTC day of the fetch, as `2026-11-20`. */
  readonly day: string;
  /** In epoch milliseconds, to the second; the start of the day when the name says no time. */
  readonly fetchedAt: number;
  /** The first 16 hex digits of the SHA-256 of the lines; `undefined` when the name says none. */
  readonly contentHash: string | undefined;
};

/** All daily copies, oldest first; the newest of a UTC day is the list of that day. Other names are left out. */
export function listDailyCopies(names: readonly string[]): readonly KeptList[] {
  return names.flatMap((name) => parseDailyName(name) ?? []).toSorted(compareFetches);
}

/** The list of each kept day, oldest day first. */
export function listKeptDays(names: readonly string[]): readonly KeptList[] {
  return [...new Map(listDailyCopies(names).map((list) => [list.day, list])).values()];
}

/** The nearest kept days around a day that is not kept. */
export function findNearestDays(kept: readonly KeptList[], day: string) {
  return {
    before: kept.findLast((list) => list.day < day)?.day,
    after: kept.find((list) => list.day > day)?.day,
  };
}

export type KnownPeriods = {
  readonly daily: readonly KeptList[];
  readonly closings: ReadonlyMap<string, unknown>;
  readonly current: string | undefined;
};

/** The nearest kept months around one that is not kept. On the first day of a month the copies are still about the month before. */
export function findNearestPeriods({ daily, closings, current = '' }: KnownPeriods, period: string) {
  const months = daily.filter(({ day }) => !day.endsWith('-01')).map(({ day }) => day.slice(0, 7));
  const kept = [...new Set([...closings.keys(), ...months, current])].filter(Boolean).toSorted();
  return { before: kept.findLast((each) => each < period), after: kept.find((each) => each > period) };
}

/** The closing lists of each month, oldest first, by its name as `2026-10`. A list equal to the one before is no version of its own. */
export function listClosings(names: readonly string[]): ReadonlyMap<string, readonly KeptList[]> {
  const closings = new Map<string, KeptList[]>();
  const lists = names.flatMap((name) => parseMonthlyName(name) ?? []);
  for (const { period, list } of lists.toSorted((one, other) => compareFetches(one.list, other.list))) {
    const versions = closings.get(period) ?? [];
    closings.set(period, versions);
    if (versions.at(-1)?.contentHash !== list.contentHash) versions.push(list);
  }
  return closings;
}

/** `daily/2026-11/2026-11-20T020000Z-<hash>.ndjson.gz`; an older release wrote `daily/2026-11/2026-11-20.ndjson.gz`, the first list of its day. */
function parseDailyName(blob: string): KeptList | undefined {
  const [, stamp, hash, day] =
    /^daily\/\d{4}-\d\d\/(?:(\d{4}-\d\d-\d\dT\d{6}Z)-([\da-f]{16})|(\d{4}-\d\d-\d\d))\.ndjson\.gz$/.exec(blob) ?? [];
  return createKeptList(blob, stamp ?? (day && `${day}T000000Z`), hash);
}

/** `monthly/2026-10/2026-10-31T230000Z-<hash>.ndjson.gz` */
function parseMonthlyName(blob: string): { readonly period: string; readonly list: KeptList } | undefined {
  const [, period, stamp, hash] =
    /^monthly\/(\d{4}-\d\d)\/(\d{4}-\d\d-\d\dT\d{6}Z)-([\da-f]{16})\.ndjson\.gz$/.exec(blob) ?? [];
  const list = createKeptList(blob, stamp, hash);
  return list && period ? { period, list } : undefined;
}

function createKeptList(
  blob: string,
  stamp: string | undefined,
  contentHash: string | undefined,
): KeptList | undefined {
  const fetchedAt = Date.parse(stamp?.replace(/(\d\d)(\d\d)(\d\d)Z$/, '$1:$2:$3Z') ?? '');
  if (stamp === undefined || Number.isNaN(fetchedAt)) return undefined;
  return { blob, day: stamp.slice(0, 10), fetchedAt, contentHash };
}

/** Oldest first; a name without a time before all others of its day. */
function compareFetches(one: KeptList, other: KeptList): number {
  return (
    one.fetchedAt - other.fetchedAt || Number(one.contentHash !== undefined) - Number(other.contentHash !== undefined)
  );
}
