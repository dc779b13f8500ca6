/**
 * An amount of money: exact digits and the one unit they count. The unit is an ISO 4217 code, or where there is none whatever
 * else tells currencies apart.
 */
export type Amount = { readonly unit: string; readonly digits: string };

/** Exact totals, one a unit. */
export type Ledger = {
  /** Adds the amount to the total of its own unit. */
  add(amount: Amount): void;
  /** The total of a unit, 0 without amounts; `undefined` when one of them was too long to be added (see `createLedger`). */
  totalOf(unit: string): Amount | undefined;
};

/** Digits and exponent up to which an amount is added: `1e999999999` would fill all memory, and work grows with their square. */
const maximumDigits = 1024;

/**
 * A ledger of its own. It is the only thing that adds, and it takes one amount at a time: no function is given two amounts, and the
 * sums never leave the closure but as an amount of the unit they were collected under, so none adds two units. A new total
 * needs a new ledger; totals of two ledgers cannot be joined either.
 */
export function createLedger(): Ledger {
  const sums = new Map<string, Sum>();
  return {
    add({ unit, digits }) {
      const sum = sums.get(unit) ?? { scaled: [], isTooLong: false };
      sums.set(unit, sum);
      addDigits(sum, digits);
    },
    totalOf(unit) {
      const sum = sums.get(unit);
      if (sum?.isTooLong === true) return undefined;
      return { unit, digits: sum === undefined ? '0' : digitsOf(sum.scaled) };
    },
  };
}

/** Whole numbers by the places of their fraction: `scaled[2]` counts hundredths. Additions of one scale need no multiplication. */
type Sum = { readonly scaled: (bigint | undefined)[]; isTooLong: boolean };

/** A JSON number (RFC 8259, section 6). */
const jsonNumber = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function addDigits(sum: Sum, digits: string): void {
  const [, whole = '', fraction = '', exponent = '0'] = jsonNumber.exec(digits) ?? [];
  const places = fraction.length - Number(exponent);
  if (whole === '') throw new RangeError('an amount is no JSON number');
  if (digits.length > maximumDigits || Math.abs(Number(exponent)) > maximumDigits) {
    sum.isTooLong = true;
    return;
  }
  const scale = Math.max(0, places);
  const units = scale === places ? BigInt(whole + fraction) : BigInt(whole + fraction) * 10n ** BigInt(scale - places);
  sum.scaled[scale] = (sum.scaled[scale] ?? 0n) + units;
}

/** The decimal without an exponent and without zeros at its end. */
function digitsOf(scaled: Sum['scaled']): string {
  const places = scaled.length - 1;
  let units = 0n;
  for (const sum of scaled) units = units * 10n + (sum ?? 0n);
  const text = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const [whole, fraction] = [text.slice(0, text.length - places), text.slice(text.length - places).replace(/0+$/, '')];
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
