import { findFigure, readFigure } from '../snapshot/record-values.ts';
import type { ScannedRecord } from '../snapshot/record-values.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';
import type { Member } from '../snapshot/record-scan.ts';

/**
 * An amount of money: exact digits and the one unit they count. The unit is an ISO 4217 code, or where there is none whatever
 * else tells currencies apart.
 */
export type Amount = { readonly unit: string; readonly digits: string };

/** An exact total of one member of the records that are added. */
export type Total = {
  /** Adds a record's figure. False, and nothing is added, when it is missing or no number. */
  add(record: ScannedRecord): boolean;
  /** The total, 0 without amounts; `undefined` when one of them was too long to be added. */
  getAmount(): Amount | undefined;
};

/**
 * A total of amounts in `unit`. It is the only thing that adds, and it takes one figure at a time: no function is given two amounts,
 * and the sum never leaves the closure but as an amount of its unit, so none adds two units. Two totals cannot be joined either.
 */
export function createTotal(unit: string, member: Member): Total {
  const sum: Sum = { groups: new Float64Array(1 + fractionGroups), scaled: [], isTooLong: false };
  return {
    add(record) {
      const { start, end } = findFigure(record, member);
      if (start === end) return false;
      if (!addGroups(sum.groups, record.bytes, start, end)) addDigits(sum, readFigure(record, member));
      return true;
    },
    getAmount: () => (sum.isTooLong ? undefined : { unit, digits: formatSum(sum) }),
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
const powersOfTen = Int32Array.from({ length: groupDigits + 1 }, (_, power) => 10 ** power);

const zero = 0x30;
const dot = 0x2e;
const minus = 0x2d;

/** Adds a plain decimal of up to 9 and 27 digits. False, and nothing is added, for any other number. */
function addGroups(groups: Float64Array, bytes: Buffer, start: number, end: number): boolean {
  const isNegative = bytes[start] === minus;
  const first = isNegative ? start + 1 : start;
  const point = findPoint(bytes, first, end);
  if (point - first > wholeDigits || end - point - 1 > groupDigits * fractionGroups) return false;
  const whole = readDigits(bytes, first, point);
  const one = readGroup(bytes, point + 1, end);
  const two = readGroup(bytes, point + 1 + groupDigits, end);
  const three = readGroup(bytes, point + 1 + 2 * groupDigits, end);
  // An exponent is no digit.
  if (whole < 0 || one < 0 || two < 0 || three < 0) return false;
  const sign = isNegative ? -1 : 1;
  groups[0] = Number(groups[0]) + sign * whole;
  if (point === end) return true;
  groups[1] = Number(groups[1]) + sign * one;
  groups[2] = Number(groups[2]) + sign * two;
  groups[3] = Number(groups[3]) + sign * three;
  return true;
}

/** Where the point of a decimal is; at the end of a whole number. */
function findPoint(bytes: Buffer, start: number, end: number): number {
  let point = start;
  while (point < end && bytes[point] !== dot) point += 1;
  return point;
}

/** The next nine digits, filled up with zeros; negative when one of them is no digit. */
function readGroup(bytes: Buffer, start: number, end: number): number {
  if (start >= end) return 0;
  const stop = Math.min(start + groupDigits, end);
  return readDigits(bytes, start, stop) * Number(powersOfTen[start + groupDigits - stop]);
}

/** The whole number in `bytes[start .. end)`, nine digits at most; -1 when one of them is no digit. */
function readDigits(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = Number(bytes[at]) - zero;
    if (digit < 0 || digit > 9) return -1;
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
