import { describe, expect, it } from 'vitest';
import { isNcrontab } from '../shared/ncrontab.ts';

describe('isNcrontab', () => {
  it.each([
    '0 */5 * * * *',
    '*/5 * * * *',
    '0 0 0 29 2 *',
    '0  30 9  * Jan Mon',
    '0 0 9-17/2 1,15 1-12 Mon-Friday',
    '0 5/15 0 31 2,december SUN,6',
    '59 59 23 31 12 6',
  ])('takes %s', (text) => {
    expect(isNcrontab(text)).toBe(true);
  });

  it.each([
    ['is no expression', 'hourly'],
    ['has letters that are no names', 'a b c d e f'],
    ['has too few fields', '* * * *'],
    ['has too many fields', '0 0 0 1 1 * 2026'],
    ['is separated by tabs', '0\t*/5\t*\t*\t*\t*'],
    ['has a second out of range', '60 * * * * *'],
    ['has a minute out of range', '0 60 * * * *'],
    ['has an hour out of range', '0 0 25 * * *'],
    ['has a day out of range', '0 0 0 0 * *'],
    ['has a month out of range', '0 0 0 * 13 *'],
    ['has a weekday out of range', '0 0 0 * * 7'],
    ['has a weekday for a month', '0 0 0 * Mon *'],
    ['has a name that is too short', '0 0 0 * J *'],
    ['has a range that ends out of range', '0 0-60 * * * *'],
    ['has a range that runs backwards', '0 0 22-2 * * *'],
    ['has a range without an end', '0 0 2- * * *'],
    ['has a step of zero', '0 */0 * * * *'],
    ['has a step without a number', '0 */ * * * *'],
    ['has an empty item in a list', '0 0 1,,2 * * *'],
    ['has signs of other dialects', '0 0 0 L * ?'],
    ['is a nickname', '@daily'],
    ['is a time span', '00:05:00'],
    ['never occurs', '0 0 0 30 2 *'],
    ['never occurs in a short month', '0 0 0 31 2,4,6,9,11 *'],
  ])('refuses what %s', (_what, text) => {
    expect(isNcrontab(text)).toBe(false);
  });
});
