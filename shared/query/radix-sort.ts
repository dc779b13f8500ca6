import type { ChunkedWork } from '../turns.ts';

/** Doubles as whole numbers of 64 bits that sort alike: NaN, which stands for null, is the lowest. */
export type SortKeys = { readonly high: Uint32Array; readonly low: Uint32Array };

const signBit = 0x80000000;
const allBits = 0xffffffff;

/**
 * The keys of a column. `isLast` names rows that come last in either direction. A descending key is the complement of the ascending
 * one, so equal rows keep their order.
 */
export function createSortKeys(
  column: Float64Array,
  direction: 'asc' | 'desc',
  isLast?: (row: number) => boolean,
): SortKeys {
  const words = new Uint32Array(Float64Array.from(column).buffer);
  const [high, low] = [new Uint32Array(column.length), new Uint32Array(column.length)];
  for (let row = 0; row < column.length; row += 1) {
    if (isLast?.(row) === true) {
      high[row] = low[row] = allBits;
      continue;
    }
    const value = Number(column[row]);
    // Adding zero makes -0 the 0 it means.
    const isZero = value === 0;
    const [lowWord, highWord] = isZero ? [0, 0] : [Number(words[2 * row]), Number(words[2 * row + 1])];
    const isNegative = highWord >= signBit;
    const ascendingHigh = Number.isNaN(value) ? 0 : isNegative ? ~highWord : highWord | signBit;
    // Not 0, whose complement is the key of the rows that come last.
    const ascendingLow = Number.isNaN(value) ? 1 : isNegative ? ~lowWord : lowWord;
    high[row] = direction === 'asc' ? ascendingHigh : ~ascendingHigh;
    low[row] = direction === 'asc' ? ascendingLow : ~ascendingLow;
  }
  return { high, low };
}

const digitBits = 16;
const digitMask = 0xffff;

/** The rows of `order` sorted by their keys, equal ones as they were: digit by digit, which takes a twentieth of comparing. */
export function* sortByKeys(order: Uint32Array, { high, low }: SortKeys): ChunkedWork<Uint32Array> {
  let sorted = order;
  for (const word of [low, high]) {
    for (const shift of [0, digitBits]) {
      sorted = sortByDigit(sorted, word, shift);
      yield;
    }
  }
  return sorted;
}

function sortByDigit(order: Uint32Array, word: Uint32Array, shift: number): Uint32Array {
  const places = new Uint32Array(digitMask + 2);
  for (let at = 0; at < order.length; at += 1) {
    const row = Number(order[at]);
    const next = ((Number(word[row]) >>> shift) & digitMask) + 1;
    places[next] = Number(places[next]) + 1;
  }
  for (let digit = 1; digit < places.length; digit += 1)
    places[digit] = Number(places[digit]) + Number(places[digit - 1]);
  const sorted = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at += 1) {
    const row = Number(order[at]);
    const digit = (Number(word[row]) >>> shift) & digitMask;
    const place = Number(places[digit]);
    sorted[place] = row;
    places[digit] = place + 1;
  }
  return sorted;
}
