import type { z } from 'zod';
import { createEventParameters } from '../budget-events/query.ts';
import { orderFields } from '../query/orderby.ts';
import { parameterNotes, usageParameters } from '../query/parameters.ts';
import { toValueSchema } from './json-schema.ts';
import type { JsonObject } from './json-schema.ts';

/** A query parameter as descriptions show it. */
export type DescribedParameter = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Of the value; a list is written with commas between. */
  readonly schema: JsonObject;
};

/** Every parameter of the list. */
export function describedUsageParameters(): DescribedParameter[] {
  return describedOf(usageParameters.shape);
}

/** The parameters of budget events where these thresholds are configured. */
export function describedEventParameters(thresholds: readonly number[]): DescribedParameter[] {
  return describedOf(createEventParameters(thresholds).shape).map((parameter) =>
    parameter.name === 'threshold' ? { ...parameter, schema: { type: 'integer', enum: [...thresholds] } } : parameter,
  );
}

/** A name of one of our parameters as a title: `minPercentUsed` is `Min Percent Used`. */
export function toTitle(name: string): string {
  const known = titles.get(name);
  if (known !== undefined) return known;
  return name.replaceAll(/[A-Z]/g, ' $&').replace(/^./, (first) => first.toUpperCase());
}

const titles: ReadonlyMap<string, string> = new Map([
  ['api-version', 'API Version'],
  ['orderby', 'Order By'],
  ['maxpagesize', 'Page Size'],
  ['customerId', 'Customer ID'],
  ['csvSeparator', 'CSV Separator'],
  ['minUsdTotalCost', 'Min USD Total Cost'],
  ['maxUsdTotalCost', 'Max USD Total Cost'],
]);

/** What a value looks like as text, where the value behind it looks otherwise. */
const asText: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  [
    'orderby',
    {
      type: 'string',
      pattern: `^ *(${orderFields.join('|')})( +(asc|desc))? *(, *(${orderFields.join('|')})( +(asc|desc))? *){0,2}$`,
    },
  ],
  ['cursor', { type: 'string', pattern: String.raw`^[\w-]{21}[AQgw]$` }],
  ['since', { type: 'string', pattern: String.raw`^[\w-]{12}$` }],
  ['modifiedSince', { type: 'string', format: 'date-time' }],
]);

function describedOf(shape: Readonly<Record<string, z.ZodType>>): DescribedParameter[] {
  return Object.entries(shape).map(([name, schema]) => {
    const { description = '', allowed } = parameterNotes.get(schema) ?? {};
    return {
      name,
      title: toTitle(name),
      description,
      schema: asText.get(name) ?? textSchemaOf(name, toValueSchema(schema), allowed),
    };
  });
}

function textSchemaOf(name: string, schema: JsonObject, allowed: readonly string[] | undefined): JsonObject {
  if (schema['type'] === 'number') return { ...schema, multipleOf: 0.0001 };
  if (schema['type'] !== 'array') return schema;
  // Ids are taken in any letter case; words are those to choose from, where they are few.
  const items =
    name === 'customerId' ? { type: 'string', format: 'uuid' } : allowed && { type: 'string', enum: allowed };
  return { ...schema, minItems: 1, ...(items && { items }) };
}
