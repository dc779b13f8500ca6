import type { Clock } from '../clock.ts';
import type { KeptSnapshot, KeptSource } from '../refresh/kept-list-reader.ts';
import type { HeldSnapshot } from '../refresh/snapshot-reader.ts';
import type { SnapshotSource } from '../refresh/snapshot-source.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import { computeEtag } from './etag.ts';

/** The headers, ETag and cache key of a 200, computed before its body. */
export type Representation = {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag?: string;
  /** The snapshot it is made from. */
  readonly source?: SnapshotSource;
  /** Where its body is cached; without it the body is made for each request. */
  readonly cacheKey?: string;
};

type Described = {
  readonly contentType: string;
  /** The canonical query. */
  readonly query: string;
  /** What else the body depends on besides the snapshot: resource, format, settings. */
  readonly variant: string;
  /** The canonical URL, where links in the body contain the request's host; else the query. */
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The representation of what a query finds in a snapshot, as `describe` says. It is made once for a query object and a snapshot
 * object; only its age is always that of now.
 */
export type DescribeRepresentation = (
  query: object,
  source: SnapshotSource,
  describe: () => Described,
) => Representation;

export function createDescribeRepresentation(getAgeHeaders: GetAgeHeaders): DescribeRepresentation {
  // No query keeps a snapshot that has been replaced.
  const known = new WeakMap<SnapshotSource, WeakMap<object, Representation & { readonly age: object }>>();

  return function describeRepresentation(query, source, describe) {
    const ofSnapshot = known.get(source) ?? new WeakMap();
    known.set(source, ofSnapshot);
    const age = getAgeHeaders(source);
    const last = ofSnapshot.get(query);
    if (last?.age === age) return last;
    const made = last ?? createRepresentation(source, describe());
    const representation = { ...made, age, headers: { ...made.headers, ...age } };
    ofSnapshot.set(query, representation);
    return representation;
  };
}

function createRepresentation(source: SnapshotSource, described: Described): Representation {
  const { contentType, query, variant, address = query, headers } = described;
  const { info, state, reason = '' } = source;
  // A list may come again as a later version of a closing list, which the body says.
  const content =
    'kept' in source ? [source.kept.blob, String(source.kept.version)] : [info.contentHash, source.info.period];
  const etag = computeEtag([...content, state, reason, query, variant]);
  const cacheKey = `${info.contentHash} ${info.fetchedAt} ${state} ${reason} ${variant} ${address}`;
  const cacheControl = 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400';
  const fixed = { etag, 'cache-control': cacheControl, vary: 'Accept, Accept-Encoding', ...headers };
  return { contentType, headers: fixed, etag, source, cacheKey };
}

/** The headers that tell a snapshot's age now. The same object while they say the same. */
export type GetAgeHeaders = (source: SnapshotSource) => Readonly<Record<string, string>>;

/**
 * What every answer from a snapshot says of it, a 304 too: when it was fetched (`Last-Modified`), and in `Cache-Status`
 * (RFC 9211) for how many more seconds it counts as fresh (negative: for how many it has not), its state, period and reason.
 * Of a kept list it says the day or month asked for. No `Age`: with it every answer would be stale on arrival (RFC 9111).
 */
export function createGetAgeHeaders(clock: Clock, freshMs: number): GetAgeHeaders {
  let last: { source: SnapshotSource; ttl: number; headers: Readonly<Record<string, string>> } | undefined;
  return (source) => {
    if ('kept' in source) return describeKept(source);
    const { info, state, reason } = source;
    const ttl = Math.floor((info.fetchedAt + freshMs - clock()) / 1000);
    if (last?.source === source && last.ttl === ttl) return last.headers;
    const why = reason === undefined ? '' : `; reason=${reason}`;
    const status = `usage; hit; ttl=${ttl}; detail=${state}; period="${info.period}"${why}`;
    last = { source, ttl, headers: { ...lastModified({ info }), 'cache-status': status } };
    return last.headers;
  };
}

function describeKept({ info, state, kept: { asOf, period } }: KeptSource) {
  const asked = asOf === undefined ? `period="${period}"` : `as-of="${asOf}"`;
  return { ...lastModified({ info }), 'cache-status': `usage; hit; detail=${state}; ${asked}` };
}

/** When the data was fetched from Partner Center. */
export function lastModified({ info }: { readonly info: Pick<SnapshotInfo, 'fetchedAt'> }) {
  return { 'last-modified': new Date(info.fetchedAt).toUTCString() };
}

/** The `snapshot` member of every body. */
export function snapshotMember(source: HeldSnapshot | KeptSnapshot) {
  const { info, state, reason } = source;
  const { asOf, version } = 'kept' in source ? source.kept : {};
  return {
    ...(asOf === undefined ? {} : { asOf }),
    period: info.period,
    ...(version === undefined ? {} : { version }),
    fetchedAt: new Date(info.fetchedAt).toISOString(),
    state,
    ...(reason === undefined ? {} : { reason }),
    recordCount: info.recordCount,
    estimate: true,
  };
}
