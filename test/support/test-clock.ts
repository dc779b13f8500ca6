import type { Clock, Sleep } from '../../shared/clock.ts';

export type TestClock = {
  readonly clock: Clock;
  /** Moves the clock by what is asked and returns at once. */
  readonly sleep: Sleep;
  /** The waits asked of `sleep`, in milliseconds. */
  readonly waits: readonly number[];
  advance(ms: number): void;
};

/** A clock that only moves when told to, or when something sleeps on it. */
export function createTestClock(start = Date.parse('2026-11-20T02:00:00Z')): TestClock {
  let now = start;
  const waits: number[] = [];
  return {
    clock: () => now,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
    waits,
    advance: (ms) => {
      now += ms;
    },
  };
}
