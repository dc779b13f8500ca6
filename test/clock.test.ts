import { describe, expect, it } from 'vitest';
import { systemClock, systemRandom, systemSleep } from '../shared/clock.ts';

describe('the system clock', () => {
  it('is in epoch milliseconds, its chance lies in [0, 1)', () => {
    expect(new Date(systemClock()).getUTCFullYear()).toBe(new Date().getUTCFullYear());
    expect(Math.floor(systemRandom())).toBe(0);
  });

  it('sleeps, and wakes with the reason of the signal when it aborts', async () => {
    await expect(systemSleep(0, new AbortController().signal)).resolves.toBeUndefined();
    await expect(systemSleep(60_000, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});
