import * as z from 'zod';

/** A JSON object of a description. */
export type JsonObject = { readonly [name: string]: unknown };

/** Whether a JSON value is an object, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON value with every object in it rewritten, the innermost first. */
export function rewriteObjects(value: unknown, rewrite: (object: JsonObject) => JsonObject): unknown {
  if (Array.isArray(value)) return value.map((each) => rewriteObjects(each, rewrite));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, rewriteObjects(member, rewrite)]);
  return rewrite(Object.fromEntries(members));
}

/**
 * The JSON Schemas (2020-12) of named zod schemas, which refer to each other below `base`. Each schema and member gets a title from its
 * name. Unknown members are allowed.
 */
export function toJsonSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  base: string,
): Readonly<Record<string, unknown>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `${base}${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [
      id,
      addTitle(
        rewriteObjects(schema, (object) => addMemberTitles(removeNoise(object))),
        id,
      ),
    ]),
  );
}

/** The JSON Schema of a parameter's value. */
export function toValueSchema(schema: z.ZodType): JsonObject {
  return removeNoise(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
}

/** Without the limits of exact integers, and without the pattern behind a format. */
function removeNoise({ $schema: _schema, $id: _id, ...schema }: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([name, value]) =>
        !(name === 'pattern' && 'format' in schema) &&
        !(typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER),
    ),
  );
}

function addMemberTitles(schema: JsonObject): JsonObject {
  const { properties } = schema;
  if (!isJsonObject(properties)) return schema;
  const titled = Object.entries(properties).map(([name, member]) => [name, addTitle(member, name)]);
  return { ...schema, properties: Object.fromEntries(titled) };
}

/** A schema that is a reference has the title of what it refers to. */
function addTitle(schema: unknown, name: string): unknown {
  return isJsonObject(schema) && !('$ref' in schema) ? { title: toTitle(name), ...schema } : schema;
}

const irregular: ReadonlyMap<string, string> = new Map([
  ['orderby', 'Order By'],
  ['maxpagesize', 'Page Size'],
]);
const acronyms: ReadonlySet<string> = new Set(['api', 'csv', 'id', 'url', 'usd']);

/** The title that flows show for a name: `minUsdTotalCost` becomes `Min USD Total Cost`. */
export function toTitle(name: string): string {
  return (
    irregular.get(name) ??
    name
      .split(/-|(?=[A-Z])/)
      .map(capitalize)
      .join(' ')
  );
}

function capitalize(word: string): string {
  if (acronyms.has(word.toLowerCase())) return word.toUpperCase();
  return word.charAt(0).toUpperCase() + word.slice(1);
}
