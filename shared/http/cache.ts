import { LRUCache } from 'lru-cache';
import type { ApiRequest } from './message.ts';
import type { Coding } from './negotiation.ts';

/** Characters of all URLs that are remembered for one route. */
const maxCharacters = 1_000_000;
/** What an entry costs besides its URL: a guess at the objects around it. */
const entryCharacters = 500;
/** A URL that holds a function key is not kept. */
const holdsKey = /[?&](?:code|clientid)=/i;

/** What the URLs and `Accept` headers of earlier requests were read as: `cache.get(request) ?? cache.set(request, read(request))`. */
export type UrlCache<T> = {
  get(request: ApiRequest): T | undefined;
  /**
   * Keeps the value and returns it. It must depend only on the URL and `Accept`. A check that a time is not in the future is allowed: once
   * passed, it stays true.
   */
  set(request: ApiRequest, value: T): T;
};

export function createUrlCache<T extends object>(): UrlCache<T> {
  const known = new LRUCache<string, T>({
    maxSize: maxCharacters,
    sizeCalculation: (_, key) => key.length + entryCharacters,
  });
  return {
    get: (request) => known.get(createKey(request)),
    set(request, value) {
      if (!holdsKey.test(request.address)) known.set(createKey(request), value);
      return value;
    },
  };
}

function createKey({ address, headers }: ApiRequest): string {
  const accept = headers.get('accept');
  return accept === null ? address : `${address} ${accept}`;
}

/** A body as it is sent, with the headers that go with it whatever the age of its snapshot. */
export type FinishedBody = {
  readonly bytes: Buffer;
  readonly coding: Coding;
  readonly headers: Readonly<Record<string, string>>;
};

export type AnswerCache = {
  get(key: string): FinishedBody | undefined;
  set(key: string, body: FinishedBody): void;
};

/** What an entry costs besides its bytes and its key: a guess at the objects around them. */
const entryBytes = 256;

/** Finished bodies, at most `maxBytes` of them: the least recently used go first. */
export function createAnswerCache(maxBytes: number): AnswerCache {
  if (maxBytes === 0) return { get: () => undefined, set: () => undefined };
  const bodies = new LRUCache<string, FinishedBody>({
    maxSize: maxBytes,
    // A string of Latin letters takes a byte each; any other takes two.
    sizeCalculation: ({ bytes }, key) => entryBytes + 2 * key.length + bytes.length,
  });
  return {
    get: (key) => bodies.get(key),
    set(key, body) {
      const { bytes } = body;
      // A buffer may be a small part of a large one, all of which it would keep.
      const isPart = bytes.length < bytes.buffer.byteLength;
      bodies.set(key, isPart ? { ...body, bytes: Buffer.from(new Uint8Array(bytes).buffer) } : body);
    },
  };
}
