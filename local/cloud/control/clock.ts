import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';

const longPollMs = 20_000;
const followMs = 2_000;
const dayMs = 24 * 3_600_000;

/** The time of the cloud and every app on it: the real time plus an offset. */
export type CloudClock = ReturnType<typeof createCloudClock>;

/** A clock that starts this many days before the real time. */
export function createCloudClock(daysAgo: number) {
  const polling = new Set<Socket>();
  const events = new EventEmitter().setMaxListeners(0);
  let offsetMs = -daysAgo * dayMs;

  return {
    now: () => Date.now() + offsetMs,
    offsetMs: () => offsetMs,
    /** Moves the clock; resolves when as many hosts poll again as polled before, or after 2 s. */
    async advance(ms: number): Promise<void> {
      const hosts = polling.size;
      polling.clear();
      offsetMs += ms;
      events.emit('advance');
      const signal = AbortSignal.timeout(followMs);
      while (polling.size < hosts && !signal.aborted) await once(events, 'poll', { signal }).catch(() => undefined);
    },
    /** The offset, once it differs from `known` or 20 s have passed. */
    async poll(known: number, host: Socket): Promise<number> {
      if (known !== offsetMs) return offsetMs;
      const hungUp = new AbortController();
      const forget = () => hungUp.abort();
      host.once('close', forget);
      polling.add(host);
      events.emit('poll');
      const signal = AbortSignal.any([hungUp.signal, AbortSignal.timeout(longPollMs)]);
      await once(events, 'advance', { signal }).catch(() => undefined);
      host.off('close', forget);
      // `advance` has already forgotten its hosts, and this one may be polling again.
      if (known === offsetMs) polling.delete(host);
      return offsetMs;
    },
  };
}
