import type { Clock } from '../clock.ts';
import type { HeldSnapshot, ServedSnapshot } from '../refresh/snapshot-reader.ts';
import { computeEtag } from './etag.ts';

/** The headers, ETag and cache key of a 200, computed before its body. */
export type Representation = {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag?: string;
  /** The snapshot it is made from. */
  readonly served?: ServedSnapshot;
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
  served: ServedSnapshot,
  describe: () => Described,
) => Representation;

export function createDescribeRepresentation(getAgeHeaders: GetAgeHeaders): DescribeRepresentation {
  // No query keeps a snapshot that has been replaced.
  const known = new WeakMap<ServedSnapshot, WeakMap<object, Representation & { readonly age: object }>>();

  return function describeRepresentation(query, served, describe) {
    const ofSnapshot = known.get(served) ?? new WeakMap();
    known.set(served, ofSnapshot);
    const age = getAgeHeaders(served);
    const last = ofSnapshot.get(query);
    if (last?.age === age) return last;
    const made = last ?? createRepresentation(served, describe());
    const representation = { ...made, age, headers: { ...made.headers, ...age } };
    ofSnapshot.set(query, representation);
    return representation;
  };
}

function createRepresentation(served: ServedSnapshot, described: Described): Representation {
  const { contentType, query, variant, address = query, headers } = described;
  const { info, state, reason = '' } = served;
  const etag = computeEtag([info.contentHash, info.period, state, reason, query, variant]);
  const cacheKey = `${info.contentHash} ${info.fetchedAt} ${state} ${reason} ${variant} ${address}`;
  const cacheControl = 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400';
  const fixed = { etag, 'cache-control': cacheControl, vary: 'Accept, Accept-Encoding', ...headers };
  return { contentType, headers: fixed, etag, served, cacheKey };
}

/** The headers that tell a snapshot's age now. The same object while they say the same. */
export type GetAgeHeaders = (served: ServedSnapshot) => Readonly<Record<string, string>>;

/**
 * What every answer from a snapshot says of it, a 304 too: when it was fetched (`Last-Modified`), and in `Cache-Status`
 * (RFC 9211) for how many more seconds it counts as fresh (negative: for how many it has not), its state, period and reason.
 * No `Age`: with it every answer would be stale on arrival (RFC 9111).
 */
export function createGetAgeHeaders(clock: Clock, freshMs: number): GetAgeHeaders {
  let last: { served: ServedSnapshot; ttl: number; headers: Readonly<Record<string, string>> } | undefined;
  return (served) => {
    const { info, state, reason } = served;
    const ttl = Math.floor((info.fetchedAt + freshMs - clock()) / 1000);
    if (last?.served === served && last.ttl === ttl) return last.headers;
    const why = reason === undefined ? '' : `; reason=${reason}`;
    const status = `usage; hit; ttl=${ttl}; detail=${state}; period="${info.period}"${why}`;
    last = { served, ttl, headers: { ...lastModified({ info }), 'cache-status': status } };
    return last.headers;
  };
}

/** When the data was fetched from Partner Center. */
export function lastModified({ info }: Pick<HeldSnapshot, 'info'>) {
  return { 'last-modified': new Date(info.fetchedAt).toUTCString() };
}

/** The `snapshot` member of every body. */
export function snapshotMember({ info, state, reason }: HeldSnapshot) {
  return {
    period: info.period,
    fetchedAt: new Date(info.fetchedAt).toISOString(),
    state,
    ...(reason === undefined ? {} : { reason }),
    recordCount: info.recordCount,
    estimate: true,
  };
}
