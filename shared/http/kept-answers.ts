import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import type { Coding } from './content-coding.ts';

/** A body as it is sent. */
export type CodedBody = { readonly bytes: Buffer; readonly coding: Coding };

/** What a kept body was made of, and what was asked. */
export type KeptUnder = { readonly version: string; readonly key: string };

export type KeptAnswers = {
  find(under: KeptUnder): CodedBody | undefined;
  keep(under: KeptUnder, body: CodedBody): void;
};

/** What an entry costs besides its bytes and its key: a guess at the objects around them. */
const entryBytes = 256;

/**
 * Ready bodies of one version, at most `budgetBytes` of them: the least recently used go first, and all of them when another
 * version is asked for.
 */
export function createKeptAnswers(budgetBytes: number): KeptAnswers {
  // A Map keeps the order of insertion: the first entry is the one not used for longest.
  const bodies = new Map<string, CodedBody>();
  let version = '';
  let usedBytes = 0;

  function drop(key: string): void {
    const body = bodies.get(key);
    if (body === undefined) return;
    usedBytes -= costOf(key, body);
    bodies.delete(key);
  }

  return {
    find(under) {
      if (under.version !== version) {
        bodies.clear();
        usedBytes = 0;
        version = under.version;
      }
      const body = bodies.get(under.key);
      if (body === undefined) return undefined;
      bodies.delete(under.key);
      bodies.set(under.key, body);
      return body;
    },
    keep(under, { bytes, coding }) {
      // Made of what is gone meanwhile.
      if (under.version !== version) return;
      const { key } = under;
      // A buffer may be a small part of a large one, all of which it would keep.
      const body = { bytes: Buffer.alloc(bytes.length, bytes), coding };
      drop(key);
      if (costOf(key, body) > budgetBytes) return;
      bodies.set(key, body);
      usedBytes += costOf(key, body);
      for (const oldest of bodies.keys()) {
        if (usedBytes <= budgetBytes) return;
        drop(oldest);
      }
    },
  };
}

/** Where an answer is kept: by all that its body says of the snapshot, its canonical address and its representation. */
export function keptUnder({ info, state, reason }: ServedSnapshot, address: string, representation: string): KeptUnder {
  return {
    version: JSON.stringify([info.contentHash, info.fetchedAt, state, reason ?? '']),
    key: `${representation} ${address}`,
  };
}

function costOf(key: string, { bytes }: CodedBody): number {
  // A string of Latin letters takes a byte each; any other takes two.
  return entryBytes + 2 * key.length + bytes.length;
}
