import { fc } from '@fast-check/vitest';

const blanks = fc.array(fc.constantFrom(' ', '\n', '\r', '\t'), { maxLength: 2 }).map((bytes) => bytes.join(''));

const digits = fc.array(fc.nat(9), { minLength: 1, maxLength: 22 }).map((each) => each.join(''));
const exponent = fc
  .tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), fc.nat(400))
  .map((parts) => parts.join(''));

/** Numbers as JSON writes them, longer and larger than a double holds. */
const numberText = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: fc.oneof(
      fc.constant('0'),
      fc.tuple(fc.integer({ min: 1, max: 9 }), digits).map((parts) => parts.join('')),
    ),
    fraction: fc.oneof(
      fc.constant(''),
      digits.map((text) => `.${text}`),
    ),
    power: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, exponent),
  })
  .map(({ sign, whole, fraction, power }) => sign + whole + fraction + power);

/** Strings as JSON writes them: plain, escaped by name or by code, with every byte the grammar knows inside. */
const stringText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ' ',
        '\\"',
        '\\\\',
        '\\/',
        '\\n',
        '\\u0022',
        '\\ud83d\\ude00',
        'é',
        '😀',
      ),
    ),
    { maxLength: 5 },
  )
  .map((parts) => `"${parts.join('')}"`);

const { value } = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    numberText,
    stringText,
    fc.constantFrom('true', 'false', 'null'),
    tie('array'),
    tie('object'),
  ),
  array: fc
    .tuple(
      blanks,
      fc.array(
        fc.tuple(blanks, tie('value'), blanks).map((parts) => parts.join('')),
        { maxLength: 3 },
      ),
    )
    .map(([blank, values]) => (values.length === 0 ? `[${blank}]` : `[${values.join(',')}]`)),
  object: fc
    .tuple(
      blanks,
      fc.array(
        fc
          .tuple(blanks, stringText, blanks, fc.constant(':'), blanks, tie('value'), blanks)
          .map((parts) => parts.join('')),
        { maxLength: 3 },
      ),
    )
    .map(([blank, members]) => (members.length === 0 ? `{${blank}}` : `{${members.join(',')}}`)),
}));

/** Any JSON value, oddly spaced and oddly written. */
export const jsonText: fc.Arbitrary<string> = value;

/** A page and the records in it, as they stand there. */
export type Page = { readonly text: string; readonly records: readonly string[] };

/** A page whose `items` may stand anywhere among other members, under an escaped key or a plain one. */
export const page: fc.Arbitrary<Page> = fc
  .record({
    records: fc.array(jsonText, { maxLength: 5 }),
    key: fc.constantFrom('"items"', '"it\\u0065ms"'),
    before: fc.array(jsonText, { maxLength: 2 }),
    after: fc.array(jsonText, { maxLength: 2 }),
    blank: blanks,
  })
  .map(({ records, key, before, after, blank }) => {
    const spaced = records.map((text) => blank + text + blank).join(',');
    const members = [
      ...before.map((text, index) => `"before${index}":${text}`),
      `${key}${blank}:${blank}[${spaced}${blank}]${blank}`,
      ...after.map((text, index) => `"after${index}":${text}`),
    ];
    return { text: `${blank}{${blank}${members.join(`,${blank}`)}}${blank}`, records };
  });
