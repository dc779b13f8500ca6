import { findFigure, readFigure } from '../snapshot/record-values.ts';
import type { ScannedRecord } from '../snapshot/record-values.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';
import type { Member } from '../snapshot/record-scan.ts';

/**
 * An amount of money: exact digits and the one unit they count. The unit is an ISO 4217 code, or where there is none whatever
 * else tells currencies apart.
 */
export type Amount = { readonly unit: string; readonly digits: string };

/** Exact totals, one a unit. */
export type Ledger = {
  /** Adds the member's figure to the total of its unit. False, and nothing is added, when it is missing or no number. */
  add(unit: string, record: ScannedRecord, member: Member): boolean;
  /** The total of a unit, 0 without amounts; `undefined` when one of them was too long to be added (see `createLedger`). */
  getTotal(unit: string): Amount | undefined;
};

/**
 * A ledger of its own. It is the only thing that adds, and it takes one figure at a time: no function is given two amounts, and the
 * sums never leave the closure but as an amount of the unit they were collected under, so none adds two units. A new total
 * needs a new ledger; totals of two ledgers cannot be joined either.
 */
export function createLedger(): Ledger {
  const sums = new Map<string, Sum>();
  return {
    add(unit, record, member) {
      const sum = sums.get(unit) ?? createSum();
      sums.set(unit, sum);
      const { start, end } = findFigure(record, member);
      if (start === end) return false;
      if (!addGroups(sum, record.bytes, start, end)) addDigits(sum, readFigure(record, member));
      return true;
    },
    getTotal(unit) {
      const sum = sums.get(unit);
      if (sum?.isTooLong === true) return undefined;
      return { unit, digits: sum === undefined ? '0' : formatSum(sum) };
    },
  };
}

/** A sum in two parts, so that the usual figures need no number but doubles. */
type Sum = {
  /** Whole numbers, and what is behind the point in groups of nine digits: sums of them are exact up to nine million rows. */
  readonly groups: Float64Array;
  /** Figures that do not fit there, by the places of their fraction: `scaled[2]` counts hundredths. */
  readonly scaled: (bigint | undefined)[];
  isTooLong: boolean;
};

const groupDigits = 9;
const fractionGroups = 3;
const wholeDigits = 9;

function createSum(): Sum {
  return { groups: new Float64Array(1 + fractionGroups), scaled: [], isTooLong: false };
}

const zero = 0x30;
const dot = 0x2e;
const minus = 0x2d;

/** Adds a plain decimal of up to 9 and 27 digits. False, and nothing is added, for any other number. */
function addGroups({ groups }: Sum, bytes: Buffer, start: number, end: number): boolean {
  const isNegative = bytes[start] === minus;
  const first = isNegative ? start + 1 : start;
  let point = first;
  while (point < end && bytes[point] !== dot) point += 1;
  if (point - first > wholeDigits || end - point - 1 > groupDigits * fractionGroups) return false;
  const whole = readGroup(bytes, first, point, point - first);
  const one = readGroup(bytes, point + 1, end, groupDigits);
  const two = readGroup(bytes, point + 1 + groupDigits, end, groupDigits);
  const three = readGroup(bytes, point + 1 + 2 * groupDigits, end, groupDigits);
  // An exponent is no digit.
  if (Number.isNaN(whole + one + two + three)) return false;
  const sign = isNegative ? -1 : 1;
  groups[0] = (groups[0] ?? 0) + sign * whole;
  groups[1] = (groups[1] ?? 0) + sign * one;
  groups[2] = (groups[2] ?? 0) + sign * two;
  groups[3] = (groups[3] ?? 0) + sign * three;
  return true;
}

/** The digits of `bytes[start .. end)`, at most `length` of them and filled up with zeros; NaN when one is no digit. */
function readGroup(bytes: Buffer, start: number, end: number, length: number): number {
  let value = 0;
  for (let at = start; at < start + length; at += 1) {
    const digit = at < end ? (bytes[at] ?? 0) - zero : 0;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function addDigits(sum: Sum, digits: string): void {
  const decimal = parseDecimal(digits);
  if (decimal === undefined) sum.isTooLong = true;
  else sum.scaled[decimal.places] = (sum.scaled[decimal.places] ?? 0n) + decimal.units;
}

/** The decimal without an exponent and without zeros at its end. */
function formatSum({ groups, scaled }: Sum): string {
  const places = Math.max(scaled.length - 1, groupDigits * fractionGroups);
  let units = 0n;
  for (let place = 0; place <= places; place += 1) {
    const group = place % groupDigits === 0 ? (groups[place / groupDigits] ?? 0) : 0;
    units = units * 10n + BigInt(group) + (scaled[place] ?? 0n);
  }
  return formatDecimal({ units, places });
}
