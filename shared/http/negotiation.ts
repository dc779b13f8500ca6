import Negotiator from 'negotiator';
import { RefusedError } from '../errors.ts';
import { mediaTypes } from '../query/parameters.ts';
import type { Format } from '../query/parameters.ts';
import type { HeaderReader } from './message.ts';

/** The media type of JSON answers, and of errors. */
export const jsonType = mediaTypes.json;
/** The content type of each format: its media type with parameters. */
export const contentTypes = {
  json: `${mediaTypes.json}; charset=utf-8`,
  csv: `${mediaTypes.csv}; charset=utf-8; header=present`,
} as const;

/** RFC 9457's type for errors. */
export const problemJsonType = 'application/problem+json';

/** The content codings on offer. */
export type Coding = 'gzip' | 'identity';

const offeredCodings: readonly Coding[] = ['gzip', 'identity'];

/** Browsers send about 150 characters. */
const maximumHeaderLength = 1024;

/** The header, or `null` for one that is too long to be negotiated: RFC 9110, 12.4.1, lets a server disregard it. */
function getNegotiable(headers: HeaderReader, name: 'accept' | 'accept-encoding'): string | null {
  const given = headers.get(name);
  return given !== null && given.length > maximumHeaderLength ? null : given;
}

/**
 * Those of `available` that the caller takes, the preferred one first (RFC 9110, 12.5.1). Parameters such as `charset` or
 * `odata.metadata` do not matter: there is one variant of each type.
 */
function listAcceptedTypes<Type extends string>(headers: HeaderReader, available: readonly Type[]): Type[] {
  const given = getNegotiable(headers, 'accept');
  if (given === null || given === '*/*') return [...available];
  const accept = given.replaceAll(parameterButWeight, '');
  const preferred = new Negotiator({ headers: { accept } }).mediaTypes([...available]);
  return preferred.flatMap((type) => available.filter((candidate) => candidate === type));
}

/** The formats the caller takes, the preferred one first. */
export function listAcceptedFormats(headers: HeaderReader): Format[] {
  const formats: readonly Format[] = ['json', 'csv'];
  const types = listAcceptedTypes(headers, Object.values(mediaTypes));
  return types.flatMap((type) => formats.filter((format) => mediaTypes[format] === type));
}

const parameterButWeight = /;\s*(?!q\s*=)[^=;,\s]+\s*=\s*(?:"[^"]*"|[^;,]*)/gi;

/** Throws RefusedError `NotAcceptable` when the caller takes none of the media types. */
export function requireType(headers: HeaderReader, available: readonly string[]): void {
  if (listAcceptedTypes(headers, available).length === 0)
    throw new RefusedError({ kind: 'NotAcceptable', header: 'Accept', available });
}

/** Whether `Accept` takes a media type by its full name, and not by a wildcard alone. */
export function namesType(headers: HeaderReader, type: string): boolean {
  const accept = getNegotiable(headers, 'accept');
  return accept !== null && new Negotiator({ headers: { accept } }).mediaTypes().includes(type);
}

/** The codings the caller takes, the preferred one first (RFC 9110, 12.5.3). Throws RefusedError `NotAcceptable` when there is none. */
export function negotiateCodings(headers: HeaderReader): readonly Coding[] {
  const given = getNegotiable(headers, 'accept-encoding') ?? '';
  if (given === '' || given === 'identity') return identityOnly;
  if (plainGzip.test(given)) return offeredCodings;
  const accepted = new Negotiator({ headers: { 'accept-encoding': given } }).encodings([...offeredCodings]);
  const codings = offeredCodings.filter((coding) => accepted.includes(coding));
  if (codings.length === 0)
    throw new RefusedError({ kind: 'NotAcceptable', header: 'Accept-Encoding', available: offeredCodings });
  return accepted[0] === 'identity' ? codings.toReversed() : codings;
}

const identityOnly: readonly Coding[] = ['identity'];
/** What nearly every client sends: names alone, gzip the first. */
const plainGzip = /^gzip(?:, ?[a-z]+)*$/;
