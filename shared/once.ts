import type { Sleep } from './clock.ts';

export type PromiseCache<T> = {
  get(key?: string): Promise<T> | undefined;
  /** Keeps the promise, and returns it. */
  set(promise: Promise<T>, key?: string): Promise<T>;
};

/**
 * Promises that callers share: `cache.get(key) ?? cache.set(load(key), key)` runs `load` once for all who ask meanwhile. Each is kept
 * while it is pending, or the last one set for as long as it does not fail. A shared load needs a deadline of its own, because no
 * caller's signal may end it.
 */
export function createPromiseCache<T>(keep: 'while-pending' | 'last'): PromiseCache<T> {
  const kept = new Map<string, Promise<T>>();
  return {
    get: (key = '') => kept.get(key),
    set(promise, key = '') {
      if (keep === 'last') kept.clear();
      kept.set(key, promise);
      const drop = (): void => {
        if (kept.get(key) === promise) kept.delete(key);
      };
      promise.then(keep === 'last' ? undefined : drop, drop);
      return promise;
    },
  };
}

/** A function that loads once, and again only after a failure. */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  const cache = createPromiseCache<T>('last');
  return () => cache.get() ?? cache.set(load());
}

/** Waits for work that goes on by itself; rejects with the signal's reason when the signal aborts first. */
export async function waitFor<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const abandon = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
    };
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abandon);
    });
  });
}

/** What the work comes to, or `undefined` when it takes longer than this. Its signal aborts when nobody waits any more. */
export async function waitAtMost<T>(
  ms: number,
  sleep: Sleep,
  work: (ended: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const ended = new AbortController();
  try {
    return await Promise.race([work(ended.signal), sleep(ms, ended.signal).then(() => undefined)]);
  } finally {
    ended.abort();
  }
}
