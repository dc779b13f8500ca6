import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { calculateRetryDelay, parseRetryAfterMs } from '../../shared/partner-center/retry.ts';

const now = Date.parse('2026-11-20T02:00:00Z');
const attempt = fc.integer({ min: 1, max: 60 });
const roll = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('calculateRetryDelay', () => {
  test.prop([attempt, fc.nat(120_000), roll])(
    'never comes back before Partner Center allows it, nor more than a second later',
    (tried, retryAfterMs, rolled) => {
      const waitMs = calculateRetryDelay(tried, retryAfterMs, () => rolled);
      expect(waitMs).toBeGreaterThanOrEqual(retryAfterMs);
      expect(waitMs).toBeLessThan(retryAfterMs + 1_000);
    },
  );

  test.prop([attempt, roll])('is a whole number of milliseconds below half a minute', (tried, rolled) => {
    const waitMs = calculateRetryDelay(tried, undefined, () => rolled);
    expect(Number.isInteger(waitMs)).toBe(true);
    expect(waitMs).toBeGreaterThanOrEqual(0);
    expect(waitMs).toBeLessThan(30_000);
  });

  test.prop([attempt, roll])('never shrinks from one try to the next at the same roll', (tried, rolled) => {
    expect(calculateRetryDelay(tried + 1, undefined, () => rolled)).toBeGreaterThanOrEqual(
      calculateRetryDelay(tried, undefined, () => rolled),
    );
  });

  it('doubles from half a second', () => {
    expect([1, 2, 3, 4].map((tried) => calculateRetryDelay(tried, undefined, () => 0.5))).toEqual([
      250, 500, 1_000, 2_000,
    ]);
  });
});

describe('parseRetryAfterMs', () => {
  it.each([
    ['57', 57_000],
    [' 0 ', 0],
    ['Fri, 20 Nov 2026 02:01:30 GMT', 90_000],
    ['Fri, 20 Nov 2026 01:00:00 GMT', 0],
    ['99999999999', 86_400_000],
    ['Sat, 20 Nov 2027 02:00:00 GMT', 86_400_000],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['', undefined],
    ['Abc, 99 Xyz GMT', undefined],
    [undefined, undefined],
    [['3', '9'], 3_000],
    [[], undefined],
  ])('reads %o as %o', (header, expected) => {
    expect(parseRetryAfterMs(header, now)).toBe(expected);
  });

  test.prop([fc.nat(86_400)])('reads any number of seconds up to a day', (seconds) => {
    expect(parseRetryAfterMs(String(seconds), now)).toBe(seconds * 1_000);
  });

  test.prop([fc.nat(86_400)])('reads any HTTP-date up to a day ahead', (seconds) => {
    const date = new Date(now + seconds * 1_000).toUTCString();
    expect(parseRetryAfterMs(date, now)).toBe(seconds * 1_000);
  });

  test.prop([fc.string()])('is never negative and never over a day', (header) => {
    const waitMs = parseRetryAfterMs(header, now) ?? 0;
    expect(waitMs).toBeGreaterThanOrEqual(0);
    expect(waitMs).toBeLessThanOrEqual(86_400_000);
  });
});
