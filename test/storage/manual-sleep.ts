import { EventEmitter, once } from 'node:events';
import type { Sleep } from '../../shared/clock.ts';

export type Nap = { readonly ms: number; wake(): void; fail(error: Error): void };

/** A sleep that lasts until the test ends it; `next` gives the naps in their order, waiting for one that has not begun yet. */
export function createManualSleep(): { readonly sleep: Sleep; readonly next: () => Promise<Nap> } {
  const naps: Nap[] = [];
  const begun = new EventEmitter();

  return {
    sleep: async (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(new Error('there is no sleep any more'));
        signal.addEventListener('abort', () => reject(new Error('woken by the signal')));
        naps.push({ ms, wake: resolve, fail: reject });
        begun.emit('nap');
      }),
    async next() {
      if (naps.length === 0) await once(begun, 'nap');
      const nap = naps.shift();
      if (nap === undefined) throw new Error('two tests wait for one nap');
      return nap;
    },
  };
}
