import { LRUCache } from 'lru-cache';
import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import type { Coding } from './negotiation.ts';

/** A body as it is sent, and the headers that are known only after rendering. */
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
      // A buffer may be a small part of a large one, all of which it would keep.
      bodies.set(key, { ...body, bytes: Buffer.alloc(body.bytes.length, body.bytes) });
    },
  };
}

/** The key of a body: all that it says of the snapshot, its canonical address, and its representation. */
export function buildCacheKey(served: ServedSnapshot, address: string, representation: string): string {
  const { info, state, reason = '' } = served;
  return `${info.contentHash} ${info.fetchedAt} ${state} ${reason} ${representation} ${address}`;
}
