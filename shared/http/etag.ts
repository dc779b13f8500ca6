import { hash } from 'node:crypto';
import type { SnapshotSource } from '../refresh/snapshot-source.ts';
import type { HeaderReader } from './message.ts';

/**
 * Weak ETag of content, period, state, reason, query and variant, and nothing that moves by itself; so a refresh with equal content
 * keeps it although `fetchedAt` has moved (RFC 9110, 8.8.1: semantically equivalent).
 */
export function computeEtag(parts: readonly string[]): string {
  return `W/"${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 27)}"`;
}

/** Whether If-None-Match names the answer's own ETag, compared weakly: only who was given that very answer knows it. */
export function matchesEtag(headers: HeaderReader, etag: string): boolean {
  const given = headers.get('if-none-match');
  if (given === null || given === etag) return given !== null;
  const opaqueTag = etag.replace(/^W\//, '');
  return [...given.matchAll(/"[^"]*"/g)].some(([tag]) => tag === opaqueTag);
}

/**
 * Whether any answer (`If-None-Match: *`), or without If-None-Match one of the time in If-Modified-Since, is enough for the caller.
 * Ask only once there is an answer to give: unlike an ETag, neither proves that the caller was ever given one (RFC 9110, 13.2.1).
 */
export function isNotModified(headers: HeaderReader, source: SnapshotSource): boolean {
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== null) return ifNoneMatch.trim() === '*';
  // A date cannot tell that the state got worse, so it counts only while there is nothing to tell.
  if (source.state !== 'fresh' || source.reason !== undefined) return false;
  const since = Date.parse(headers.get('if-modified-since') ?? '');
  return !Number.isNaN(since) && Math.floor(source.info.fetchedAt / 1000) * 1000 <= since;
}
