import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';

const longPollMs = 20_000;
const followMs = 2_000;

/** The time every part of the cloud and every app on it lives in: the real one plus an offset. */
export type CloudClock = {
  now(): number;
  offsetMs(): number;
  /** Moves on; resolves when as many hosts poll for the new offset as polled for the old one, or 2 s have passed. */
  advance(ms: number): Promise<void>;
  /** The offset, once it differs from `known` or 20 s have passed. */
  poll(known: number, host: Socket): Promise<number>;
};

/** A clock that starts at the real time. */
export function createCloudClock(): CloudClock {
  const waiting = new Set<Socket>();
  const events = new EventEmitter().setMaxListeners(0);
  let offsetMs = 0;

  return {
    now: () => Date.now() + offsetMs,
    offsetMs: () => offsetMs,
    async advance(ms) {
      const hosts = waiting.size;
      waiting.clear();
      offsetMs += ms;
      events.emit('advance');
      const signal = AbortSignal.timeout(followMs);
      while (waiting.size < hosts && !signal.aborted) await once(events, 'poll', { signal }).catch(() => undefined);
    },
    async poll(known, host) {
      if (known !== offsetMs) return offsetMs;
      const hungUp = new AbortController();
      const forget = () => hungUp.abort();
      host.once('close', forget);
      waiting.add(host);
      events.emit('poll');
      const signal = AbortSignal.any([hungUp.signal, AbortSignal.timeout(longPollMs)]);
      await once(events, 'advance', { signal }).catch(() => undefined);
      host.off('close', forget);
      // A clock that moved has forgotten its hosts already, and this one may be back.
      if (known === offsetMs) waiting.delete(host);
      return offsetMs;
    },
  };
}
