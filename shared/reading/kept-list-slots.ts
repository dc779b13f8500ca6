import { DependencyError } from '../errors.ts';
import { waitFor } from '../once.ts';

/** Runs work on a blob once there is a slot for it. Throws DependencyError `StorageUnavailable` when the signal ends the wait. */
type WithSlot = <T>(blob: string, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

type Waiting = { readonly blob: string; readonly start: () => void };

/**
 * Slots for lists in memory: limits how many different blobs are used at once, because each takes memory until its answer is made. Work
 * on a blob that is in use joins its slot, unless other work waits: the order is that of the calls.
 */
export function createKeptListSlots(maxBlobs: number): WithSlot {
  /** The blob of each piece of work that runs. */
  const inUse: string[] = [];
  let queue: Waiting[] = [];

  function mayStart(blob: string): boolean {
    return inUse.includes(blob) || new Set(inUse).size < maxBlobs;
  }

  function release(blob: string): void {
    inUse.splice(inUse.indexOf(blob), 1);
    startNext();
  }

  function startNext(): void {
    for (let [next] = queue; next !== undefined && mayStart(next.blob); [next] = queue) {
      queue = queue.slice(1);
      inUse.push(next.blob);
      next.start();
    }
  }

  async function waitForTurn(blob: string, signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const waiting = { blob, start: turn.resolve };
    queue.push(waiting);
    startNext();
    try {
      await waitFor(turn.promise, signal);
    } catch {
      const isQueued = queue.includes(waiting);
      queue = queue.filter((other) => other !== waiting);
      if (isQueued) startNext();
      else release(blob);
      const details = { blob, reason: 'timeout' };
      throw new DependencyError('StorageUnavailable', 'the turn of a kept list did not come', { details });
    }
  }

  return async function withSlot(blob, signal, work) {
    await waitForTurn(blob, signal);
    try {
      return await work();
    } finally {
      release(blob);
    }
  };
}
