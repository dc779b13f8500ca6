import * as z from 'zod';
import type { ParameterProblem } from '../errors.ts';
import { cursorText } from './cursor.ts';
import { fieldList, flatFields } from '../views/flat-fields.ts';
import { orderBy, orderFields } from './orderby.ts';
import { day, decimal, flag, instant, month, nameText, wholeNumber, words } from './values.ts';

/** What documents and 400s say of a parameter besides its schema. */
export type ParameterNotes = {
  readonly description: string;
  /** Of the problem a bad value raises; `InvalidParameter` unless said. */
  readonly code?: ParameterProblem['code'];
  /** The values to choose from, where they are few. */
  readonly allowed?: readonly string[];
};

/** The notes of each schema in `usageParameters`. */
export const parameterNotes = z.registry<ParameterNotes>();

/** The versions of the contract, the first of which answers who names none. */
export const apiVersions = ['2026-11-01'] as const;

const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;
const costs = [-1_000_000_000, 1_000_000_000] as const;
const percents = [0, 1_000_000] as const;

/**
 * The parameters of `GET /api/customers/usagerecords`, one entry each: parsing, links, documents and OpenAPI follow from it. Every
 * schema is a codec from a text that is not empty to the value the code works with; its output side is the parameter's JSON Schema.
 */
export const usageParameters = z.strictObject({
  'api-version': z
    .enum(apiVersions, `expected ${apiVersions.join(' or ')}`)
    .default(apiVersions[0])
    .register(parameterNotes, {
      description: 'Version of the API.',
      code: 'UnsupportedApiVersionValue',
      allowed: apiVersions,
    }),
  view: option(
    ['full', 'flat'],
    "Shape of a record. `full` is Partner Center's own, byte by byte, and the default in JSON. `flat` has constant keys with a " +
      'forecast, and is the only shape in CSV.',
  ),
  format: option(['json', 'csv'], 'Format of the answer. Takes precedence over the `Accept` header; JSON by default.'),
  select: fieldList().optional().register(parameterNotes, {
    description: 'Fields of flat rows to return; all by default. Needs `view=flat` or CSV.',
    code: 'InvalidSelect',
    allowed: flatFields,
  }),
  csvSeparator: option(['comma', 'semicolon', 'tab'], 'Separator between the cells of CSV; a comma by default.'),
  asOf: filter(
    day(),
    'UTC day whose kept list to serve: the last one accepted on that day. By default the current list. Not with `period`.',
  ),
  period: filter(
    month(),
    'Billing month whose closing list to serve: the last one accepted before the first list of a later month. Not with `asOf`.',
  ),
  minPercentUsed: filter(
    decimal(...percents),
    'Minimum share of the budget used, in percent. Records without a budget never match.',
  ),
  maxPercentUsed: filter(
    decimal(...percents),
    'Maximum share of the budget used, in percent. Records without a budget never match.',
  ),
  hasBudget: filter(flag(), 'Whether a budget is set.'),
  isUpgraded: filter(flag(), '`true` for records of an Azure plan, `false` for records of a legacy subscription.'),
  currencyCode: filter(
    words({ word: /^([A-Z]{3}|none)$/, maximum: 20, what: 'ISO 4217 codes, or none' }),
    'Currencies of the costs; `none` matches records without a code.',
  ),
  minTotalCost: filter(
    decimal(...costs),
    'Minimum estimated cost; needs `currencyCode` with exactly one ISO 4217 code.',
  ),
  maxTotalCost: filter(
    decimal(...costs),
    'Maximum estimated cost; needs `currencyCode` with exactly one ISO 4217 code.',
  ),
  minUsdTotalCost: filter(decimal(...costs), 'Minimum estimated cost in USD. Legacy records never match.'),
  maxUsdTotalCost: filter(decimal(...costs), 'Maximum estimated cost in USD. Legacy records never match.'),
  customerId: filter(
    words({ word: uuid, maximum: 50, what: 'UUIDs with dashes', ignoreCase: true }),
    'Tenant ids of customers, in any letter case.',
  ),
  search: filter(nameText(100), "Part of the customer's name. Letter case and Unicode form do not matter."),
  modifiedSince: filter(instant(), 'Only records computed at this time or later. The time must not be in the future.'),
  projectedOverBudget: filter(
    flag(),
    'Whether the month is projected to end over budget. Records without a budget and forecasts of low confidence never match. ' +
      'Needs `view=flat` or CSV.',
  ),
  orderby: orderBy().optional().register(parameterNotes, {
    description:
      "Up to 3 different fields to sort by, each ascending unless followed by `desc`. Partner Center's order by default.",
    code: 'InvalidOrderBy',
    allowed: orderFields,
  }),
  skip: wholeNumber(0, 1_000_000).default(0).register(parameterNotes, {
    description: 'Number of matches to skip.',
  }),
  top: filter(wholeNumber(1, 100_000), 'Maximum number of matches to return, on all pages together.'),
  maxpagesize: filter(
    wholeNumber(1, 10_000),
    'Maximum number of records on a page. By default 1000 in JSON and all in CSV.',
  ),
  cursor: cursorText().optional().register(parameterNotes, {
    description: 'Where the next page begins. Take it from a `nextLink`, with the other parameters unchanged.',
    code: 'InvalidCursor',
  }),
});

export type ParameterName = keyof typeof usageParameters.shape;

/** What a URL says, every parameter under its own name. */
export type AskedParameters = z.output<typeof usageParameters>;

/** The media type of each format. */
export const mediaTypes = { json: 'application/json', csv: 'text/csv' } as const satisfies Record<Format, string>;

type View = NonNullable<AskedParameters['view']>;
export type Format = NonNullable<AskedParameters['format']>;

/** What a caller wants: what the URL says, and where it says nothing what goes with the format. */
export type UsageQuery = AskedParameters & { readonly view: View; readonly format: Format };

/** A choice whose default depends on the rest of the request. */
function option<const Values extends readonly [string, ...string[]]>(values: Values, description: string) {
  const schema = z.enum(values, `expected ${values.join(' or ')}`).optional();
  parameterNotes.add(schema, { allowed: values, description });
  return schema;
}

function filter<Schema extends z.ZodType>(schema: Schema, description: string) {
  const optional = schema.optional();
  parameterNotes.add(optional, { description });
  return optional;
}
