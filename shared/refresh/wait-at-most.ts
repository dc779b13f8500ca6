import type { Sleep } from '../clock.ts';

/** Waits for the promise, but no longer than `ms` milliseconds. Rejects only as the promise does. */
export async function waitAtMost(promise: Promise<void>, ms: number, sleep: Sleep): Promise<void> {
  const settled = new AbortController();
  const patience = sleep(ms, settled.signal).catch(() => undefined);
  try {
    await Promise.race([promise, patience]);
  } finally {
    settled.abort();
  }
}
