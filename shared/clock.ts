import { setImmediate, setTimeout as wait } from 'node:timers/promises';

/** Now, in epoch milliseconds. */
export type Clock = () => number;

/** Waits `ms` milliseconds; rejects with the signal's reason when it aborts first. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Gives waiting requests their turn, so that long work does not keep the process from answering. */
export type YieldToEventLoop = () => Promise<void>;

/** A number in [0, 1). */
export type Random = () => number;

export const systemClock: Clock = () => Date.now();

export const systemSleep: Sleep = async (ms, signal) => {
  await wait(ms, undefined, { signal });
};

export const systemYieldToEventLoop: YieldToEventLoop = () => setImmediate();

export const systemRandom: Random = () => Math.random();
