import { z } from 'zod';

/** A JSON object as it stands in a description. */
export type JsonObject = { readonly [name: string]: unknown };

/** Whether a JSON value is an object and no list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON value with every object in it rewritten, the innermost first. */
export function rewritten(value: unknown, rewrite: (object: JsonObject) => JsonObject): unknown {
  if (Array.isArray(value)) return value.map((each) => rewritten(each, rewrite));
  if (!isJsonObject(value)) return value;
  return rewrite(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rewritten(member, rewrite)])));
}

/** JSON Schemas (2020-12) of named schemas; a named one inside another is a reference below `base`. Members not named pass. */
export function listNamedSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  base: string,
): Readonly<Record<string, unknown>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `${base}${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, rewritten(schema, tidied)]));
}

/** The JSON Schema of one parameter's value: what its text means. */
export function toValueSchema(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return tidied(rest);
}

/** Without what says nothing to a reader: the limits of exact integers, and the pattern behind a format. */
function tidied(schema: JsonObject): JsonObject {
  const { $schema: _schema, $id: _id, ...rest } = schema;
  return Object.fromEntries(
    Object.entries(rest).filter(
      ([name, value]) =>
        !(name === 'pattern' && 'format' in rest) &&
        !(typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER),
    ),
  );
}
