/**
 * Waits for work that goes on by itself: rejects with the signal's reason when it aborts first. The work is not stopped.
 */
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

/** Joins the running load of that key or starts one; a caller whose signal aborts only stops waiting. */
export type Share<T> = (key: string, load: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** One load at a time per key. A load must have a deadline of its own: no caller's signal ends it. */
export function createSingleFlight<T>(): Share<T> {
  const running = new Map<string, Promise<T>>();

  function start(key: string, load: () => Promise<T>): Promise<T> {
    const flight = load().finally(() => running.delete(key));
    running.set(key, flight);
    return flight;
  }

  return async function share(key, load, signal) {
    return await waitFor(running.get(key) ?? start(key, load), signal);
  };
}
