import { describe, expect, it } from 'vitest';
import { averageDecimals, formatDecimal, parseDecimal, subtractDecimals } from '../../shared/views/decimal.ts';

const tooLong = ['1e1025', '1e-1025', '1'.repeat(1025)];

describe('exact decimals', () => {
  it.each([
    ['1e3', '1000'],
    ['-0.50', '-0.5'],
    ['1.5E-3', '0.0015'],
    ['1e1024', `1${'0'.repeat(1024)}`],
  ])('reads %s', (text, written) => {
    const decimal = parseDecimal(text);
    expect(decimal && formatDecimal(decimal)).toBe(written);
  });

  it('refuses what is no JSON number', () => {
    expect(() => parseDecimal('1,5')).toThrow(RangeError);
    expect(() => parseDecimal('')).toThrow(RangeError);
  });

  it.each(tooLong)('does not compute with a number like %.8s…', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
    expect(subtractDecimals('1', text)).toBeUndefined();
    expect(averageDecimals(text, '1')).toBeUndefined();
  });

  it('takes the mean of two amounts', () => {
    expect(averageDecimals('0.1', '0.2')).toBe('0.15');
    expect(averageDecimals('-3', '1e1')).toBe('3.5');
  });
});
