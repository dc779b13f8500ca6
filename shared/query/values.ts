import * as z from 'zod';
import { foldCase } from '../snapshot/case-fold.ts';

/*
 * The values a query parameter can have, each a codec between its text and what the code works with. Decoding is strict, encoding
 * writes the one canonical text, and the output side is the JSON Schema of the parameter.
 */

/** `true` or `false`. */
export function flag() {
  return z.codec(z.enum(['true', 'false'], 'expected true or false'), z.boolean(), {
    decode: (text) => text === 'true',
    encode: (value) => (value ? 'true' : 'false'),
  });
}

/** A whole number in digits. */
export function wholeNumber(minimum: number, maximum: number) {
  const expected = `expected a whole number from ${minimum} to ${maximum}`;
  return z.codec(z.string().regex(/^\d{1,9}$/, expected), z.int().min(minimum, expected).max(maximum, expected), {
    decode: Number,
    encode: String,
  });
}

/** A decimal with up to four places and no exponent, which a double tells from its neighbours. */
export function decimal(minimum: number, maximum: number) {
  const expected = `expected a decimal from ${minimum} to ${maximum} with at most 4 decimals`;
  return z.codec(
    z.string().regex(/^-?\d{1,12}(\.\d{1,4})?$/, expected),
    z.number().min(minimum, expected).max(maximum, expected),
    // Adding zero makes -0 the 0 it means.
    { decode: (text) => Number(text) + 0, encode: String },
  );
}

type WordList = {
  readonly word: RegExp;
  readonly maximum: number;
  /** What the words are, for the 400. */
  readonly what: string;
  readonly ignoreCase?: boolean;
};

/** Comma-separated words; spaces around them are ignored. The canonical form is sorted, without duplicates. */
export function words({ word, maximum, what, ignoreCase = false }: WordList) {
  const expected = `expected 1 to ${maximum} comma-separated values: ${what}`;
  return z.codec(z.string(), z.array(z.string().regex(word, expected)).max(maximum, expected), {
    decode: (text) => {
      const parts = (ignoreCase ? text.toLowerCase() : text).split(',').map((part) => part.trim());
      return [...new Set(parts)].toSorted();
    },
    encode: (values) => values.join(','),
  });
}

/** Part of a name; folded, and counted after folding. */
export function nameText(maximum: number) {
  const expected = `expected 1 to ${maximum} characters`;
  return z.codec(z.string(), z.string().min(1, expected).max(maximum, expected), {
    decode: foldCase,
    encode: (text) => text,
  });
}

/** An RFC 3339 date-time with at most three fraction digits, as epoch milliseconds. */
export function instant() {
  const expected = 'expected an RFC 3339 date-time with at most 3 fraction digits, such as 2026-11-20T02:00:00Z';
  return z.codec(
    z
      .string()
      .regex(/:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/, expected)
      .pipe(z.iso.datetime({ offset: true, error: expected })),
    z.number(),
    {
      decode: (text) => Date.parse(text),
      encode: (value) => new Date(value).toISOString(),
    },
  );
}

/** A UTC day that exists, as `2026-11-20`. */
export function day() {
  const expected = 'expected a day of the Gregorian calendar such as 2026-11-20, from 2000 on';
  return z.iso.date({ error: expected }).regex(ourCentury, expected);
}

/** A month, as `2026-10`. */
export function month() {
  const expected = 'expected a month of the Gregorian calendar such as 2026-10, from 2000 on';
  return z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, expected);
}

/** Years of other calendars are far from ours. */
const ourCentury = /^20/;
