import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { KeptSnapshot, KeptSource } from '../reading/kept-list-reader.ts';
import type { SnapshotStatus } from '../reading/snapshot-reader.ts';
import type { SnapshotSource } from '../reading/snapshot-source.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';

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

/** The representations made so far: `find(query, source) ?? add(query, source, described)`. Everything but the age headers is cached. */
export type Representations = {
  /** The one of this very query object and snapshot object. */
  find(query: object, source: SnapshotSource): Representation | undefined;
  add(query: object, source: SnapshotSource, described: Described): Representation;
};

export function createRepresentations(getAgeHeaders: GetAgeHeaders): Representations {
  // Weak, so a cached query does not keep a replaced snapshot in memory.
  const known = new WeakMap<SnapshotSource, WeakMap<object, Dated>>();

  return {
    find(query, source) {
      const ofSnapshot = known.get(source);
      const last = ofSnapshot?.get(query);
      if (ofSnapshot === undefined || last === undefined) return undefined;
      const age = getAgeHeaders(source);
      if (last.age === age) return last;
      const dated = addAge(last.undated, age);
      ofSnapshot.set(query, dated);
      return dated;
    },
    add(query, source, described) {
      const dated = addAge(createRepresentation(source, described), getAgeHeaders(source));
      const ofSnapshot = known.get(source) ?? new WeakMap<object, Dated>();
      ofSnapshot.set(query, dated);
      known.set(source, ofSnapshot);
      return dated;
    },
  };
}

type AgeHeaders = Readonly<Record<string, string>>;
type Dated = Representation & { readonly age: AgeHeaders; readonly undated: Representation };

function addAge(undated: Representation, age: AgeHeaders): Dated {
  return { ...undated, headers: { ...undated.headers, ...age }, age, undated };
}

function createRepresentation(source: SnapshotSource, described: Described): Representation {
  const { contentType, query, variant, address = query, headers } = described;
  const { info, state, reason = '' } = source;
  // Two versions of a month may have equal content, but the body contains the version.
  const content =
    'kept' in source ? [source.kept.blob, String(source.kept.version)] : [info.contentHash, source.info.period];
  const etag = computeEtag([...content, state, reason, query, variant]);
  const cacheKey = `${content.join(' ')} ${info.fetchedAt} ${state} ${reason} ${variant} ${address}`;
  const cacheControl = 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400';
  const fixed = { etag, 'cache-control': cacheControl, vary: 'Accept, Accept-Encoding', ...headers };
  return { contentType, headers: fixed, etag, source, cacheKey };
}

/**
 * Weak ETag of content, period, state, reason, query and variant, and nothing that moves by itself; so a refresh with equal content
 * keeps it although `fetchedAt` has moved (RFC 9110, 8.8.1: semantically equivalent).
 */
function computeEtag(parts: readonly string[]): string {
  return `W/"${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 27)}"`;
}

/** The headers that tell a snapshot's age now. The same object while they say the same. */
export type GetAgeHeaders = (source: SnapshotSource) => AgeHeaders;

/**
 * Age headers of every 200 and 304 made from a snapshot. `Last-Modified` is when it was fetched. `Cache-Status` (RFC 9211) has its
 * state, period and reason, and in `ttl` the seconds until it is no longer fresh (negative once it is not). For a kept list,
 * `Cache-Status` has the day or month asked for. No `Age`: with it every answer would be stale on arrival (RFC 9111).
 */
export function createGetAgeHeaders(clock: Clock, freshMs: number): GetAgeHeaders {
  let last: { source: SnapshotSource; ttl: number; headers: AgeHeaders } | undefined;
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
export function snapshotMember(source: SnapshotStatus | KeptSnapshot) {
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
