import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { scannedRecord } from '../../shared/snapshot/columns.ts';
import type { ScannedRecord } from '../../shared/snapshot/record-values.ts';
import { createTotal } from '../../shared/views/exact-sum.ts';
import { snapshotOfLines } from '../snapshot/records.ts';
import { amountText } from '../support/lists/known-records.ts';

/** A record whose cost is written like this. */
function costing(digits: string): ScannedRecord {
  return scannedRecord(snapshotOfLines([`{"resourceId":"a","totalCost":${digits}}`]), 0);
}

function totalOf(...digits: string[]): string | undefined {
  const total = createTotal('SEK', 'totalCost');
  for (const each of digits) total.add(costing(each));
  return total.getAmount()?.digits;
}

describe('createTotal', () => {
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

  it('is 0 of its unit without amounts', () => {
    expect(createTotal('EUR', 'totalCost').getAmount()).toStrictEqual({ unit: 'EUR', digits: '0' });
  });

  it.each(['1e999999999', '1e-999999999', '1e1025', '1e-1025', '9'.repeat(1025)])(
    'has no total once an amount is too long to add',
    (digits) => {
      expect(totalOf('1', digits, '2')).toBeUndefined();
    },
  );

  it.each(['null', '"1"', 'true', '[1]'])('adds nothing for %s, which is no number', (json) => {
    const total = createTotal('SEK', 'totalCost');
    expect(total.add(costing(json))).toBe(false);
    expect(total.getAmount()?.digits).toBe('0');
    expect(createTotal('SEK', 'usdTotalCost').add(costing('1'))).toBe(false);
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
