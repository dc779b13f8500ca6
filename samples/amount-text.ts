import type { Amount } from './usage-client.ts';

/** An amount with a larger exponent stays as it was written. */
const longestExponent = 100;

/** The amount without an exponent, with every digit; anything but a decimal is returned unchanged. */
export function removeExponent(amount: Amount): string {
  const [, sign = '', whole = '', fraction = '', power = ''] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(amount) ?? [];
  const exponent = Number(power);
  if (power === '' || Math.abs(exponent) > longestExponent) return amount;
  const digits =
    '0'.repeat(Math.max(0, -exponent)) + whole + fraction + '0'.repeat(Math.max(0, exponent - fraction.length));
  const point = exponent < 0 ? whole.length : whole.length + exponent;
  const wholeDigits = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const fractionDigits = digits.slice(point);
  return `${sign}${wholeDigits}${fractionDigits === '' ? '' : `.${fractionDigits}`}`;
}

/** The amount rounded to two places, half away from zero. Works on digits, because doubles are inexact. */
export function roundAmount(amount: Amount): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(removeExponent(amount));
  if (match === null) return amount;
  const [, sign = '', whole = '', fraction = ''] = match;
  const places = fraction.padEnd(3, '0');
  const cents = BigInt(whole + places.slice(0, 2)) + (places.charAt(2) >= '5' ? 1n : 0n);
  const digits = cents.toString().padStart(3, '0');
  return `${cents === 0n ? '' : sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The texts padded with spaces to align their decimal points. */
export function alignOnPoint(texts: readonly string[]): string[] {
  const parts = texts.map((text) => {
    const point = text.includes('.') ? text.indexOf('.') : text.length;
    return { whole: text.slice(0, point), fraction: text.slice(point) };
  });
  const wholeWidth = Math.max(0, ...parts.map(({ whole }) => whole.length));
  const fractionWidth = Math.max(0, ...parts.map(({ fraction }) => fraction.length));
  return parts.map(({ whole, fraction }) => whole.padStart(wholeWidth) + fraction.padEnd(fractionWidth));
}
