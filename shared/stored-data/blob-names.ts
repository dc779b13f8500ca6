import { createHash, hash } from 'node:crypto';
import { formatDay } from '../days.ts';
import type { ChunkedWork } from '../turns.ts';

/** Names of the immutable blobs; lifecycle rules go by their first folder (docs/architecture.md). */
export const blobNames = {
  /** `snapshots/2026-11/2026-11-20T020000Z-<hash>.ndjson.gz` */
  snapshot: (period: string, fetchedAt: number, contentHash: string): string =>
    `snapshots/${period}/${formatStamp(fetchedAt)}-${contentHash.slice(0, 16)}.ndjson.gz`,
  /** `events/2026-11/2026-11-20T020000Z-<hash>.ndjson.gz`, by the list in which the newest events were found */
  events: (period: string, fetchedAt: number, contentHash: string): string =>
    `events/${period}/${formatStamp(fetchedAt)}-${contentHash.slice(0, 16)}.ndjson.gz`,
  /** `events/2026-11/2026-11-20T020000Z-known-rows-<hash>.ndjson.gz`, by the list beside which the rows are known */
  knownRows: (period: string, fetchedAt: number, contentHash: string): string =>
    `events/${period}/${formatStamp(fetchedAt)}-known-rows-${contentHash.slice(0, 16)}.ndjson.gz`,
  /** `daily/2026-11/2026-11-20T020000Z-<hash>.ndjson.gz`, by the UTC day of the fetch */
  daily: (fetchedAt: number, contentHash: string): string =>
    `daily/${formatDay(fetchedAt).slice(0, 7)}/${formatStamp(fetchedAt)}-${contentHash.slice(0, 16)}.ndjson.gz`,
  /** `monthly/2026-10/2026-10-31T230000Z-<hash>.ndjson.gz`, by the month that the list closes */
  monthly: (period: string, fetchedAt: number, contentHash: string): string =>
    `monthly/${period}/${formatStamp(fetchedAt)}-${contentHash.slice(0, 16)}.ndjson.gz`,
  /** `history/2026-11.ndjson.gz`: the daily figures of a month; the only blob beside the pointer that is replaced */
  history: (month: string): string => `history/${month}.ndjson.gz`,
  /** `quarantine/2026-11/2026-11-20T020000Z-<why>.gz`: refused lines, or the refused body as it came */
  quarantine: (at: number, why: string): string =>
    `quarantine/${formatDay(at).slice(0, 7)}/${formatStamp(at)}-${why}.gz`,
};

/** When a refused list was fetched, to the second, by its name in `quarantine/`; `undefined` for any other name. */
export function parseQuarantineTime(blob: string): number | undefined {
  const [, day, hour, minute, second] =
    /^quarantine\/\d{4}-\d\d\/(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z-(?:too-few-records|all-costs-zero)\.gz$/.exec(
      blob,
    ) ?? [];
  const instant = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(instant) ? undefined : instant;
}

/** SHA-256 of uncompressed lines, in hex: equal lists have equal hashes. */
export function hashContent(lines: Buffer): string {
  return hash('sha256', lines, 'hex');
}

const hashedBytesPerTurn = 4 * 1024 * 1024;

/** The same in pieces of a few milliseconds. */
export function* hashInTurns(lines: Buffer): ChunkedWork<string> {
  const sha = createHash('sha256');
  for (let start = 0; start < lines.length; start += hashedBytesPerTurn) {
    sha.update(lines.subarray(start, start + hashedBytesPerTurn));
    yield;
  }
  return sha.digest('hex');
}

/** Whether the blob was named for these very lines. */
export function isNamedByHash(blob: string, lines: Buffer): boolean {
  return blob.endsWith(`-${hashContent(lines).slice(0, 16)}.ndjson.gz`);
}

function formatStamp(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19).replaceAll(':', '')}Z`;
}
