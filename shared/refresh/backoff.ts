import type { Random } from '../clock.ts';

const minute = 60_000;
const stepsMs = [1 * minute, 2 * minute, 5 * minute, 15 * minute, 30 * minute];
const longestMs = 30 * minute;

/**
 * Milliseconds before the next attempt after `count` failures in a row: 1, 2, 5, 15, then 30 minutes, each up to a tenth
 * shorter so that instances and tenants spread; what the other side asked for is a floor.
 */
export function failureBackoffMs(count: number, retryAfterMs: number | undefined, random: Random): number {
  const step = stepsMs[count - 1] ?? longestMs;
  return Math.max(Math.round(step * (1 - random() / 10)), retryAfterMs ?? 0);
}
