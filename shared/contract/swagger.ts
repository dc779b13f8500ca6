import type { CallerAuth } from '../http/caller.ts';
import { createExamples } from './examples.ts';
import { listFailures } from './responses.ts';
import { isJsonObject, rewriteObjects, toJsonSchemas, toTitle } from './json-schema.ts';
import type { JsonObject } from './json-schema.ts';
import { describeRoutes } from './operations.ts';
import type { DescribedRoute } from './operations.ts';
import type { DescribedParameter } from './parameters.ts';
import { namedSchemas } from './schemas.ts';
import type { SchemaName } from './schemas.ts';
import { describePathParameters, entraSignIn, info, keySignIn, signIn, tags, toPath } from './service.ts';
import type { DescribedService } from './service.ts';

const schemaBase = '#/definitions/';

/**
 * The Swagger 2.0 document that Power Automate imports (Microsoft Learn, "OpenAPI extensions for custom connectors"). Rows are flat.
 * It leaves out what a flow cannot use: HEAD, CSV, full records, cursors and conditional requests.
 */
export function buildSwagger({ baseUrl, callerAuth, routes, thresholds }: DescribedService): JsonObject {
  const { host, pathname } = new URL(baseUrl);
  const described = describeRoutes(routes, thresholds);
  const shared = describeSharedParameters(described);
  const examples = createExamples(baseUrl);
  const { name, scopes } = signIn[callerAuth];
  return {
    swagger: '2.0',
    info,
    host,
    basePath: pathname,
    schemes: ['https'],
    consumes: [],
    produces: ['application/json'],
    tags,
    paths: Object.fromEntries(
      described.map((route) => {
        // The last example is flat where there is a choice.
        const responses = describeResponses(route, callerAuth, examples[route.id]?.at(-1)?.value);
        return [toPath(route), describePath(route, shared, responses)];
      }),
    ),
    parameters: Object.fromEntries(shared),
    definitions: defineSchemas(described),
    securityDefinitions: { [name]: securityDefinitions[callerAuth] },
    security: [{ [name]: scopes }],
  };
}

const securityDefinitions = {
  key: keySignIn,
  entra: { type: 'oauth2', flow: 'accessCode', ...entraSignIn },
} as const;

const omitted: ReadonlySet<string> = new Set(['format', 'csvSeparator', 'cursor']);
const internal: ReadonlySet<string> = new Set(['since', 'api-version']);
const important: ReadonlySet<string> = new Set([
  'threshold',
  'minPercentUsed',
  'maxPercentUsed',
  'hasBudget',
  'currencyCode',
  'search',
  'orderby',
  'top',
]);

type SharedParameters = ReadonlyMap<string, JsonObject>;

/** Parameters of more than one operation, which operations refer to. */
function describeSharedParameters(routes: readonly DescribedRoute[]): SharedParameters {
  const all = routes.flatMap(({ parameters }) => parameters).filter(({ name }) => !omitted.has(name));
  const repeated = all.filter((each, at) => all.findIndex(({ name }) => name === each.name) < at);
  return new Map(repeated.map((each) => [each.name, describeParameter(each)]));
}

function describePath(route: DescribedRoute, shared: SharedParameters, responses: JsonObject): JsonObject {
  const { id, tag, summary, description, visibility, access, methods, connector } = route;
  const path = describePathParameters(route).map((parameter) => ({
    ...parameter,
    type: 'string',
    format: 'uuid',
    'x-ms-summary': toTitle(parameter.name),
    'x-ms-visibility': 'important',
    'x-ms-url-encoding': 'single',
  }));
  const query = route.parameters
    .filter(({ name }) => !omitted.has(name))
    .map((each) => (shared.has(each.name) ? { $ref: `#/parameters/${each.name}` } : describeParameter(each)));
  return {
    [methods[0].toLowerCase()]: {
      operationId: id,
      tags: [tag],
      summary,
      description,
      'x-ms-visibility': visibility,
      ...connector,
      ...(access === 'anybody' && { security: [] }),
      parameters: [...path, ...query],
      responses,
    },
  };
}

function describeParameter({ name, title, description, schema }: DescribedParameter): JsonObject {
  const common = { name, in: 'query', description, 'x-ms-summary': title };
  // Flows get flat rows, because their members are always the same.
  if (name === 'view') {
    const value = { type: 'string', enum: ['flat'], default: 'flat' };
    return { ...common, ...value, required: true, 'x-ms-visibility': 'internal' };
  }
  const visibility = internal.has(name) ? 'internal' : important.has(name) ? 'important' : 'advanced';
  // Makers of flows write an array as one comma-separated text.
  const value = schema['type'] === 'array' ? { type: 'string' } : schema;
  return { ...common, ...value, required: false, 'x-ms-visibility': visibility };
}

function describeResponses(route: DescribedRoute, callerAuth: CallerAuth, example: unknown): JsonObject {
  const { accepted } = route;
  const failures = listFailures(route, callerAuth).map(({ status, description, bodies: [body] }) => [
    status,
    { description, ...(body && { schema: referTo(body) }) },
  ]);
  return {
    200: {
      description: 'The answer.',
      schema: referTo(getFlowBody(route)),
      ...(example !== undefined && { examples: { 'application/json': example } }),
    },
    ...(accepted && { 202: { description: accepted.description } }),
    ...Object.fromEntries(failures),
  };
}

/** The flat body where there is a choice. */
function getFlowBody({ bodies: [usual, flat = usual] }: DescribedRoute): SchemaName {
  return flat;
}

function referTo(name: SchemaName): JsonObject {
  return { $ref: schemaBase + name };
}

/** The schemas in use, in the keywords of Swagger 2.0. */
function defineSchemas(routes: readonly DescribedRoute[]): JsonObject {
  const all = toJsonSchemas(namedSchemas, schemaBase);
  const used = new Set<string>();
  const collect = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    rewriteObjects(all[name], (object) => {
      const { $ref: reference } = object;
      if (typeof reference === 'string') collect(reference.replace(schemaBase, ''));
      return object;
    });
  };
  for (const route of routes) collect(getFlowBody(route));
  collect('Problem');
  return Object.fromEntries(Array.from(used, (name) => [name, rewriteObjects(all[name], toSwaggerSchema)]));
}

/** A schema of JSON Schema 2020-12 in the keywords of Swagger 2.0. */
function toSwaggerSchema(schema: JsonObject): JsonObject {
  // These are the members of a schema, one of which is called `title`.
  if (isJsonObject(schema['title'])) return schema;
  const { type, anyOf, const: only, title, ...rest } = schema;
  const summary = typeof title === 'string' ? { title, 'x-ms-summary': title } : {};
  const [first] = Array.isArray(anyOf) ? anyOf : [];
  if (isJsonObject(first)) return { ...first, ...rest, ...summary, 'x-nullable': true };
  const isNullable = Array.isArray(type) && type.includes('null');
  return {
    ...rest,
    ...summary,
    ...(type !== undefined && { type: Array.isArray(type) ? type[0] : type }),
    ...(isNullable && { 'x-nullable': true }),
    ...(only !== undefined && { enum: [only] }),
  };
}
