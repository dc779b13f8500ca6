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
  /** Epoch milliseconds. */
  readonly now: number;
  readonly freshMs: number;
};

/** The representation of what a query finds in a snapshot. */
export function describeRepresentation(served: ServedSnapshot, described: Described) {
  const { contentType, query, variant, address = query, now, freshMs } = described;
  const { info, state, reason = '' } = served;
  const etag = computeEtag([info.contentHash, info.period, state, reason, query, variant]);
  const headers = {
    etag,
    ...ageHeaders(served, now, freshMs),
    'cache-control': 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400',
    vary: 'Accept, Accept-Encoding',
  };
  const cacheKey = `${info.contentHash} ${info.fetchedAt} ${state} ${reason} ${variant} ${address}`;
  return { contentType, headers, etag, served, cacheKey } satisfies Representation;
}

/**
 * What every answer from a snapshot says of it, a 304 too: when it was fetched (`Last-Modified`), and in `Cache-Status`
 * (RFC 9211) for how many more seconds it counts as fresh (negative: for how many it has not), its state, period and reason.
 * No `Age`: with it every answer would be stale on arrival (RFC 9111).
 */
export function ageHeaders({ info, state, reason }: ServedSnapshot, now: number, freshMs: number) {
  const ttl = Math.floor((info.fetchedAt + freshMs - now) / 1000);
  const why = reason === undefined ? '' : `; reason=${reason}`;
  return {
    ...lastModified({ info }),
    'cache-status': `usage; hit; ttl=${ttl}; detail=${state}; period="${info.period}"${why}`,
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
