import Negotiator from 'negotiator';
import { NotAcceptableError } from '../errors.ts';
import type { HeaderReader } from './correlation.ts';

/**
 * The media type of `available` the caller likes best (RFC 9110, 12.5.1). Parameters such as `charset` or `odata.metadata` do not
 * matter: there is one variant of each type. Throws NotAcceptableError when the caller takes none.
 */
export function acceptedTypeOf<Type extends string>(headers: HeaderReader, available: readonly Type[]): Type {
  const accept = (headers.get('accept') ?? '*/*').replaceAll(parameterButWeight, '');
  const best = new Negotiator({ headers: { accept } }).mediaType(available);
  const type = available.find((candidate) => candidate === best);
  if (type === undefined) throw new NotAcceptableError(available);
  return type;
}

const parameterButWeight = /;\s*(?!q\s*=)[^=;,\s]+\s*=\s*(?:"[^"]*"|[^;,]*)/gi;
