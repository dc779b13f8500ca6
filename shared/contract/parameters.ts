import type { z } from 'zod';
import { createEventParameters } from '../budget-events/query.ts';
import { historyParameters } from '../history/query.ts';
import { orderFields } from '../query/orderby.ts';
import { parameterNotes, usageParameters } from '../query/parameters.ts';
import { toValueSchema, toTitle } from './json-schema.ts';
import type { JsonObject } from './json-schema.ts';

/** A query parameter as descriptions show it. */
export type DescribedParameter = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Of the value; an array is written as comma-separated text. */
  readonly schema: JsonObject;
};

/** Every query parameter, for a service with these event thresholds. */
export function describeParameters(thresholds: readonly number[]): readonly DescribedParameter[] {
  const shape = {
    ...historyParameters.shape,
    ...createEventParameters(thresholds).shape,
    ...usageParameters.shape,
  };
  const threshold = { type: 'integer', enum: [...thresholds] };
  return Object.entries<z.ZodType>(shape).map(([name, schema]) => {
    const { description = '', allowed } = { ...parameterNotes.get(schema) };
    const value = name === 'threshold' ? threshold : (textSchemas.get(name) ?? describeValue(name, schema, allowed));
    return { name, title: toTitle(name), description, schema: value };
  });
}

const orderStep = `(${orderFields.join('|')})( +(asc|desc))?`;

/** Schemas of the text, where the parsed value looks different. */
const textSchemas: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['orderby', { type: 'string', pattern: `^ *${orderStep} *(, *${orderStep} *){0,2}$` }],
  ['cursor', { type: 'string', pattern: String.raw`^[\w-]{21}[AQgw]$` }],
  ['since', { type: 'string', pattern: String.raw`^[\w-]{12}$` }],
  ['modifiedSince', { type: 'string', format: 'date-time' }],
  ['asOf', { type: 'string', format: 'date' }],
  ['from', { type: 'string', format: 'date' }],
  ['to', { type: 'string', format: 'date' }],
]);

function describeValue(name: string, value: z.ZodType, allowed: readonly string[] | undefined): JsonObject {
  const schema = toValueSchema(value);
  if (schema['type'] === 'number') return { ...schema, multipleOf: 0.0001 };
  if (schema['type'] !== 'array') return schema;
  // The value has ids in lower case only; the text may have any letter case.
  const items =
    name === 'customerId' ? { type: 'string', format: 'uuid' } : allowed && { type: 'string', enum: allowed };
  return { ...schema, minItems: 1, ...(items && { items }) };
}
