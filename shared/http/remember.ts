import { LRUCache } from 'lru-cache';
import type { ApiRequest } from './message.ts';

/** Characters of all URLs that are remembered for one route. */
const maxCharacters = 1_000_000;
/** What an entry costs besides its URL: a guess at the objects around it. */
const entryCharacters = 500;
/** A URL that holds a function key is not kept. */
const holdsKey = /[?&](?:code|clientid)=/i;

/**
 * Returns what `read` returned for the same URL and `Accept` header before. `read` must depend on nothing else, but may compare times
 * with now: a time that is not in the future stays so. An error is thrown again each time.
 */
export function rememberByUrl<T extends object>(read: (request: ApiRequest) => T): (request: ApiRequest) => T {
  const known = new LRUCache<string, T>({
    maxSize: maxCharacters,
    sizeCalculation: (_, key) => key.length + entryCharacters,
  });
  return (request) => {
    const key = `${request.address} ${request.headers.get('accept') ?? ''}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = read(request);
    if (!holdsKey.test(request.address)) known.set(key, value);
    return value;
  };
}

/** Returns what `compute` returned last as long as the argument is the same. */
export function rememberLast<Argument, T>(compute: (argument: Argument) => T): (argument: Argument) => T {
  let last: { readonly argument: Argument; readonly value: T } | undefined;
  return (argument) => {
    if (last === undefined || last.argument !== argument) last = { argument, value: compute(argument) };
    return last.value;
  };
}
