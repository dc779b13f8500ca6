/** A decimal number: `units` counts the last of its `places` behind the point. */
export type Decimal = { readonly units: bigint; readonly places: number };

/** Digits and exponent up to which a number is computed with: `1e999999999` would fill all memory, and work grows with their square. */
const maximumDigits = 1024;
/** A JSON number (RFC 8259, section 6). */
const jsonNumber = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The value of a JSON number; `undefined` when it is too long to compute with. Throws RangeError when it is no JSON number. */
export function parseDecimal(digits: string): Decimal | undefined {
  const [, whole = '', fraction = '', exponent = '0'] = jsonNumber.exec(digits) ?? [];
  if (whole === '') throw new RangeError('an amount is no JSON number');
  if (digits.length > maximumDigits || Math.abs(Number(exponent)) > maximumDigits) return undefined;
  const decimal = { units: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
  return decimal.places < 0 ? toPlaces(decimal, 0) : decimal;
}

/** The same number with at least as many places. */
function toPlaces({ units, places }: Decimal, wanted: number): Decimal {
  return { units: units * 10n ** BigInt(wanted - places), places: wanted };
}

/** The number without an exponent and without zeros at its end. */
export function formatDecimal({ units, places }: Decimal): string {
  const text = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const [whole, fraction] = [text.slice(0, text.length - places), text.slice(text.length - places).replace(/0+$/, '')];
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The exact difference of two JSON numbers, which must be amounts in one unit; `undefined` when one is too long. */
export function subtractDecimals(minuend: string, subtrahend: string): string | undefined {
  const [one, other] = [parseDecimal(minuend), parseDecimal(subtrahend)];
  if (one === undefined || other === undefined) return undefined;
  const places = Math.max(one.places, other.places);
  return formatDecimal({ units: toPlaces(one, places).units - toPlaces(other, places).units, places });
}

/** The exact mean of two JSON numbers, which must be amounts in one unit; `undefined` when one is too long. */
export function averageDecimals(first: string, second: string): string | undefined {
  const [one, other] = [parseDecimal(first), parseDecimal(second)];
  if (one === undefined || other === undefined) return undefined;
  const places = Math.max(one.places, other.places);
  const units = toPlaces(one, places).units + toPlaces(other, places).units;
  return formatDecimal({ units: units * 5n, places: places + 1 });
}
