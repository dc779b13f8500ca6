import { fc } from '@fast-check/vitest';

/** A record's line and what was put into it, digit by digit; `undefined`: it has none. */
export type KnownRecord = {
  readonly line: string;
  readonly id: string;
  readonly name: string;
  readonly isUpgraded: boolean;
  readonly budget: string | undefined;
  readonly percentUsed: string;
  readonly totalCost: string;
  readonly usdTotalCost: string | undefined;
  readonly currencyCode: string | undefined;
  readonly currencyLocale: string | undefined;
  readonly lastModifiedDate: string;
};

const decimal = fc
  .tuple(fc.constantFrom('', '', '', '-'), fc.bigInt(0n, 10n ** 9n), fc.stringMatching(/^(\.\d{1,22})?$/))
  .map((parts) => parts.join(''));
const exponent = fc.tuple(fc.integer({ min: -40, max: 20 }), fc.constantFrom('e', 'E'));
/** Amounts as Partner Center writes them, and as it may: negative, long, with exponents. */
export const amountText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: decimal },
  fc.constantFrom('0', '0.00', '-0', '120.5682999999995904716', '12.39999999999999985235', '1E+2'),
  fc.tuple(decimal, exponent).map(([digits, [power, e]]) => `${digits}${e}${power}`),
);

/** Names that break quoting, spreadsheets and terminals. */
const hostileParts = [
  '"',
  '""',
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '=cmd|x!A0',
  '+1',
  '-1',
  '@SUM(A1)',
  "'",
  ' ',
  '😀',
  '\u202e',
  'שלום',
  'ß',
  '\\',
  '\u2028',
  'Contoso',
];
const name = fc.oneof(
  fc.array(fc.constantFrom(...hostileParts), { maxLength: 5 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

const when = fc
  .date({ min: new Date('2026-10-20T00:00:00Z'), max: new Date('2026-11-20T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString().replace('Z', '3333+00:00'));

/** A record of either kind, its members in any order. */
export const knownRecord: fc.Arbitrary<KnownRecord> = fc
  .record({
    id: fc.uuid(),
    name,
    isUpgraded: fc.boolean(),
    budget: fc.option(amountText, { nil: undefined }),
    percentUsed: amountText.filter((text) => Number.isFinite(Number(text))),
    totalCost: amountText,
    usdTotalCost: fc.option(amountText, { nil: undefined }),
    currencyCode: fc.constantFrom('SEK', 'GBP', 'USD', undefined),
    currencyLocale: fc.constantFrom('fr-FR', 'sv-SE', undefined),
    lastModifiedDate: when,
  })
  .chain((parts) =>
    fc
      .tuple(fc.shuffledSubarray(membersOf(parts), { minLength: membersOf(parts).length }), fc.constant(parts))
      .map(([members, known]) => ({ ...known, line: `{${members.join(',')}}` })),
  );

function membersOf(parts: Omit<KnownRecord, 'line'>): string[] {
  const { id, name: customer, isUpgraded, budget, percentUsed, totalCost, usdTotalCost } = parts;
  const { currencyCode, currencyLocale, lastModifiedDate } = parts;
  const attributes = '"attributes":{"totalCost":1,"objectType":"a } \\" ,"}';
  return [
    `"budget":{${budget === undefined ? '' : `"amount":${budget},`}${attributes}}`,
    `"customerSpendingBudget":{"amount":7}`,
    `"percentUsed":${percentUsed}`,
    `"isUpgraded":${isUpgraded}`,
    `"resourceId":"${id}"`,
    `"resourceName":${JSON.stringify(customer)}`,
    `"name":"another \\"totalCost\\":1"`,
    `"totalCost":${totalCost}`,
    `"usdTotalCost":${usdTotalCost ?? 'null'}`,
    ...(currencyCode === undefined ? [] : [`"currencyCode":"${currencyCode}"`]),
    ...(currencyLocale === undefined ? [] : [`"currencyLocale":"${currencyLocale}"`]),
    `"lastModifiedDate":"${lastModifiedDate}"`,
    attributes,
  ];
}

/** `count` records, the same ones every time. */
export function knownRecords(count: number): KnownRecord[] {
  return fc.sample(knownRecord, { numRuns: count, seed: 20_261_120 });
}
