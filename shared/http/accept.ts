import Negotiator from 'negotiator';
import { NotAcceptableError } from '../errors.ts';
import type { HeaderReader } from './correlation.ts';

/** The media type of `format=json`, and of errors. */
export const jsonType = 'application/json';
/** RFC 9457's type for errors. */
export const problemJsonType = 'application/problem+json';

/** Whether `Accept` takes a media type by its full name, and not by a wildcard alone. */
export function namesType(headers: HeaderReader, type: string): boolean {
  return new Negotiator({ headers: { accept: headers.get('accept') ?? '' } }).mediaTypes().includes(type);
}

/** The media type of `available` the caller likes best. Throws NotAcceptableError when it takes none. */
export function acceptedTypeOf<Type extends string>(headers: HeaderReader, available: readonly Type[]): Type {
  const type = likedTypeOf(headers, available);
  if (type === undefined) throw new NotAcceptableError(available);
  return type;
}

/**
 * The same, or `undefined` when the caller takes none (RFC 9110, 12.5.1). Parameters such as `charset` or `odata.metadata` do not
 * matter: there is one variant of each type.
 */
export function likedTypeOf<Type extends string>(headers: HeaderReader, available: readonly Type[]): Type | undefined {
  const accept = (headers.get('accept') ?? '*/*').replaceAll(parameterButWeight, '');
  const best = new Negotiator({ headers: { accept } }).mediaType(available);
  return available.find((candidate) => candidate === best);
}

const parameterButWeight = /;\s*(?!q\s*=)[^=;,\s]+\s*=\s*(?:"[^"]*"|[^;,]*)/gi;
