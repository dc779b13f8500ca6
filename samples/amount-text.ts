import type { Amount } from './usage-client.ts';

/** Beyond this many zeros an amount stays as it was written. */
const longestExponent = 100;

/** The amount without exponent, every digit kept; anything that is no decimal is returned as it is. */
export function plainAmount(amount: Amount): string {
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

/** The amount rounded to two places, half away from zero; computed on its digits, so that no double loses one. */
export function roundedAmount(amount: Amount): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plainAmount(amount));
  if (match === null) return amount;
  const [, sign = '', whole = '', fraction = ''] = match;
  const places = fraction.padEnd(3, '0');
  const cents = BigInt(whole + places.slice(0, 2)) + (places.charAt(2) >= '5' ? 1n : 0n);
  const digits = cents.toString().padStart(3, '0');
  return `${cents === 0n ? '' : sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The texts with blanks around them so that their decimal points stand below each other. */
export function alignedOnPoint(texts: readonly string[]): string[] {
  const parts = texts.map((text) => {
    const point = text.includes('.') ? text.indexOf('.') : text.length;
    return { whole: text.slice(0, point), fraction: text.slice(point) };
  });
  const wholeWidth = Math.max(0, ...parts.map(({ whole }) => whole.length));
  const fractionWidth = Math.max(0, ...parts.map(({ fraction }) => fraction.length));
  return parts.map(({ whole, fraction }) => whole.padStart(wholeWidth) + fraction.padEnd(fractionWidth));
}
