import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createLedger } from '../../shared/views/exact-sum.ts';
import { fastestOf } from '../support/fastest.ts';
import { amountText } from '../support/known-records.ts';

function totalOf(...digits: string[]): string | undefined {
  const ledger = createLedger();
  for (const each of digits) ledger.add({ unit: 'SEK', digits: each });
  return ledger.totalOf('SEK')?.digits;
}

describe('createLedger', () => {
  it.each([
    [['0.1', '0.2'], '0.3'],
    [['120.5682999999995904716', '27.23292827625710931604'], '147.80122827625669978764'],
    [['1.50', '1.5'], '3'],
    [['-0.01', '0.005'], '-0.005'],
    [['10', '-10.00'], '0'],
    [['-0', '0.000'], '0'],
    [['1e3', '1E-3', '2.5e+1'], '1025.001'],
    [['12.5e-1'], '1.25'],
    [['100'], '100'],
    [['1e400', '0.5'], `1${'0'.repeat(400)}.5`],
  ])('adds %j to %s', (digits, total) => {
    expect(totalOf(...digits)).toBe(total);
  });

  it('keeps units apart and knows nothing of a unit without amounts', () => {
    const ledger = createLedger();
    ledger.add({ unit: 'SEK', digits: '1.5' });
    ledger.add({ unit: 'GBP', digits: '2.25' });
    ledger.add({ unit: 'SEK', digits: '1' });
    expect(ledger.totalOf('SEK')).toStrictEqual({ unit: 'SEK', digits: '2.5' });
    expect(ledger.totalOf('GBP')).toStrictEqual({ unit: 'GBP', digits: '2.25' });
    expect(ledger.totalOf('EUR')).toStrictEqual({ unit: 'EUR', digits: '0' });
  });

  it.each(['1e999999999', '1e-999999999', '1e1025', '1e-1025', '9'.repeat(1025)])(
    'has no total once an amount is too long to add',
    (digits) => {
      expect(totalOf('1', digits, '2')).toBeUndefined();
    },
  );

  it.each<[what: string, digits: string[]]>([
    ['one tiny amount', ['1', '1e-1024']],
    ['amounts of a thousand scales', Array.from({ length: 1024 }, (_, places) => `1e-${places}`)],
    ['a thousand huge amounts', Array.from({ length: 1000 }, () => '1e1024')],
  ])('adds %s within a few milliseconds', (_what, digits) => {
    expect(fastestOf(() => totalOf(...digits))).toBeLessThan(20);
  });

  it.each(['', 'NaN', '1,5', '0x1', ' 1'])('refuses %j, which is no number', (digits) => {
    expect(() => totalOf(digits)).toThrow(RangeError);
  });

  test.prop([fc.array(amountText, { maxLength: 40 })])('adds what fractions of whole numbers add up to', (digits) => {
    const total = totalOf(...digits) ?? '';
    expect(total).toMatch(/^(0|-?(?=.*[1-9])(0|[1-9]\d*)(\.\d*[1-9])?)$/);
    const [sum, one] = digits.map(fractionOf).reduce(plus, [0n, 1n]);
    const [units, scale] = fractionOf(total);
    expect(units * one).toBe(sum * scale);
  });
});

type Fraction = readonly [numerator: bigint, denominator: bigint];

/** The number as a fraction, read one sign at a time. */
function fractionOf(text: string): Fraction {
  let numerator = 0n;
  let denominator = 1n;
  let isBehindPoint = false;
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  for (const sign of mantissa) {
    if (sign === '.') isBehindPoint = true;
    else if (sign !== '-') {
      numerator = numerator * 10n + BigInt(sign);
      if (isBehindPoint) denominator *= 10n;
    }
  }
  for (let power = Number(exponent); power > 0; power -= 1) numerator *= 10n;
  for (let power = Number(exponent); power < 0; power += 1) denominator *= 10n;
  return [text.startsWith('-') ? -numerator : numerator, denominator];
}

function plus([one, oneOf]: Fraction, [other, otherOf]: Fraction): Fraction {
  return [one * otherOf + other * oneOf, oneOf * otherOf];
}
