import type { HeldSnapshot, ServedSnapshot } from '../refresh/snapshot-reader.ts';

/**
 * What every answer from a snapshot says of it, a 304 too: when it was fetched (`Last-Modified`), and in `Cache-Status`
 * (RFC 9211) for how many more seconds it counts as fresh (negative: for how many it has not), its state, period and reason.
 * No `Age`: with it every answer would be stale on arrival (RFC 9111).
 */
export function snapshotHeaders(served: ServedSnapshot, etag: string, now: number, freshMs: number) {
  return {
    etag,
    ...ageHeaders(served, now, freshMs),
    'cache-control': 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400',
    vary: 'Accept, Accept-Encoding',
  };
}

/** `Last-Modified` and `Cache-Status` alone, for answers that are not to be kept. */
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
