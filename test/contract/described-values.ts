import { fc } from '@fast-check/vitest';
import { z } from 'zod';
import type { DescribedParameter } from './described-api.ts';

const schemaSchema = z.looseObject({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array']),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  format: z.enum(['uuid', 'date', 'date-time']).optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  multipleOf: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  items: z.unknown().optional(),
});

type Schema = z.infer<typeof schemaSchema>;

/** Texts that the description says are right. */
export function goodValues({ schema }: Pick<DescribedParameter, 'schema'>): fc.Arbitrary<string> {
  return textsOf(schemaSchema.parse(schema));
}

function textsOf(schema: Schema): fc.Arbitrary<string> {
  const { type, enum: values, minimum = 0, maximum = 0, multipleOf = 1, minItems = 0, maxItems = 6 } = schema;
  if (values !== undefined) return fc.constantFrom(...values.map(String));
  switch (type) {
    case 'boolean':
      return fc.constantFrom('true', 'false');
    case 'integer':
    case 'number': {
      const perUnit = Math.round(1 / multipleOf);
      const steps = fc
        .integer({ min: -(2 ** 31), max: 2 ** 31 })
        .filter((step) => isWithin(step / perUnit, minimum, maximum));
      const ends = fc.constantFrom(minimum, maximum).map(String);
      return fc.oneof({ arbitrary: steps.map((step) => String(step / perUnit)), weight: 4 }, ends);
    }
    case 'array': {
      const items = textsOf(schemaSchema.parse(schema.items));
      return fc.array(items, { minLength: minItems, maxLength: Math.min(6, maxItems) }).map((parts) => parts.join(','));
    }
    case 'string':
      return stringsOf(schema);
  }
}

function stringsOf({ format, pattern, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date' || format === 'date-time') {
    const past = { min: new Date('2001-01-01T00:00:00Z'), max: new Date('2026-01-01T00:00:00Z'), noInvalidDate: true };
    return fc.date(past).map((date) => date.toISOString().slice(0, format === 'date' ? 10 : undefined));
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength: 1, maxLength: Math.min(20, maxLength) }).filter((text) => text.trim() !== '');
}

function isWithin(value: number, minimum: number, maximum: number): boolean {
  return minimum <= value && value <= maximum;
}

/** Texts that the description says are wrong. */
export function badValues({ schema }: Pick<DescribedParameter, 'schema'>): fc.Arbitrary<string> {
  const { type, minimum = 0, maximum = 0, maxLength = 100, maxItems, format, items } = schemaSchema.parse(schema);
  const nothing = fc.constant('');
  switch (type) {
    case 'integer':
    case 'number': {
      const outside = fc.constantFrom(String(minimum - 1), String(maximum + 1));
      return fc.oneof(outside, fc.constantFrom('1e3', '0x10', 'ten', '1,5', 'NaN', '1.23456'), nothing);
    }
    case 'boolean':
      return fc.oneof(fc.constantFrom('TRUE', '1', 'yes', 'false '), nothing);
    case 'array': {
      const one = schemaSchema.parse(items);
      const tooMany =
        maxItems !== undefined && maxItems > 3 && one.format === 'uuid' ? [manyOf(one, maxItems + 1)] : [];
      return fc.oneof(fc.constantFrom('?', 'a;b', ',', '*'), nothing, ...tooMany);
    }
    case 'string':
      if (format === undefined && maxLength === 100 && 'minLength' in schema) {
        return fc.oneof(nothing, fc.constant('x'.repeat(maxLength + 1)));
      }
      return fc.oneof(fc.constantFrom('?', 'no such', '2026-13-40', '0'), nothing);
  }
}

function manyOf(schema: Schema, count: number): fc.Arbitrary<string> {
  return fc.uniqueArray(textsOf(schema), { minLength: count, maxLength: count }).map((parts) => parts.join(','));
}
