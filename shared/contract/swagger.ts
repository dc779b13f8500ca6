import { createExamples } from './examples.ts';
import { isJsonObject, listNamedSchemas, rewritten } from './json-schema.ts';
import type { JsonObject } from './json-schema.ts';
import { describedRoutes } from './operations.ts';
import type { Described } from './operations.ts';
import { toTitle } from './parameters.ts';
import type { DescribedParameter } from './parameters.ts';
import { listFailures, describeFailures } from './responses.ts';
import { namedSchemas, getSchemaName } from './schemas.ts';
import { entraSignIn, info, toPath, parsePathParameters, signIn, tags } from './service.ts';
import type { DescribedService } from './service.ts';

/**
 * The Swagger 2.0 document that Power Automate imports (Microsoft Learn, "OpenAPI extensions for custom connectors"): rows are flat,
 * and what a flow cannot use is left out: HEAD, CSV, full records, cursors and conditional requests.
 */
export function buildSwagger({ baseUrl, callerAuth, routes, thresholds }: DescribedService): JsonObject {
  const { host, pathname } = new URL(baseUrl);
  const described = describedRoutes(routes, thresholds);
  const shared = sharedParametersOf(described);
  const examples = createExamples(baseUrl);
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
      // The last example is flat where there is a choice.
      described.map((each) => [toPath(each), pathItemOf(each, callerAuth, shared, examples[each.id]?.at(-1)?.value)]),
    ),
    parameters: Object.fromEntries(shared),
    definitions: definitions(described),
    securityDefinitions: { [signIn[callerAuth].name]: securityDefinitions[callerAuth] },
    security: [{ [signIn[callerAuth].name]: signIn[callerAuth].scopes }],
  };
}

const securityDefinitions = {
  key: { type: 'apiKey', in: 'header', name: 'x-functions-key', description: 'A function key of the service.' },
  entra: { type: 'oauth2', flow: 'accessCode', ...entraSignIn },
} as const;

const leftOut: ReadonlySet<string> = new Set(['format', 'csvSeparator', 'cursor']);
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

/** Parameters of more than one operation stand in one place. */
function sharedParametersOf(described: readonly Described[]): SharedParameters {
  const all = described.flatMap(({ parameters }) => parameters).filter(({ name }) => !leftOut.has(name));
  const byName = Map.groupBy(all, ({ name }) => name);
  const repeated = [...byName].filter(([, uses]) => uses.length > 1);
  return new Map(repeated.flatMap(([name, [first]]) => (first === undefined ? [] : [[name, parameterOf(first)]])));
}

function pathItemOf(
  described: Described,
  callerAuth: DescribedService['callerAuth'],
  shared: SharedParameters,
  example: unknown,
): JsonObject {
  const { id, tag, name, summary, description, visibility, access, methods } = described;
  const method = methods.find((each) => each !== 'HEAD') ?? 'GET';
  const query = described.parameters
    .filter((parameter) => !leftOut.has(parameter.name))
    .map((each) => (shared.has(each.name) ? { $ref: `#/parameters/${each.name}` } : parameterOf(each)));
  const operation = {
    operationId: id,
    tags: [tag],
    summary,
    description,
    'x-ms-visibility': visibility,
    ...(name === 'budget-events' && {
      'x-ms-trigger': 'batch',
      'x-ms-trigger-hint': 'To see it work now, let a customer pass a threshold, or choose a low one.',
    }),
    ...(name === 'usage-records' && { 'x-ms-pageable': { nextLinkName: 'nextLink' } }),
    ...(access === 'anybody' && { security: [] }),
    parameters: [...parsePathParameters(described).map(pathParameterOf), ...query],
    responses: responsesOf(described, callerAuth, example),
  };
  return { [method.toLowerCase()]: operation };
}

function pathParameterOf(name: string): JsonObject {
  return {
    name,
    in: 'path',
    required: true,
    type: 'string',
    format: 'uuid',
    description: `${toTitle(name)} of the rows.`,
    'x-ms-summary': toTitle(name),
    'x-ms-visibility': 'important',
    'x-ms-url-encoding': 'single',
  };
}

function parameterOf({ name, title, description, schema }: DescribedParameter): JsonObject {
  const common = { name, in: 'query', description, 'x-ms-summary': title };
  // Flows get flat rows, whose keys are constant.
  if (name === 'view') {
    return {
      ...common,
      type: 'string',
      enum: ['flat'],
      default: 'flat',
      required: true,
      'x-ms-visibility': 'internal',
    };
  }
  const isInternal = name === 'since' || name === 'api-version';
  const visibility = isInternal ? 'internal' : important.has(name) ? 'important' : 'advanced';
  // A list is one text here, with commas between, as makers of flows write it.
  const value = schema['type'] === 'array' ? { type: 'string' } : schema;
  return { ...common, ...value, required: false, 'x-ms-visibility': visibility };
}

function responsesOf(described: Described, callerAuth: DescribedService['callerAuth'], example: unknown): JsonObject {
  const { accepted } = described;
  const body = flowBodyOf(described);
  return {
    200: {
      description: 'The answer.',
      schema: { $ref: `#/definitions/${body}` },
      ...(example !== undefined && { examples: { 'application/json': example } }),
    },
    ...(accepted && { 202: { description: accepted.description } }),
    ...Object.fromEntries(
      listFailures(described, callerAuth).map((status) => [
        status,
        { description: describeFailures(status), ...chooseFailureSchema(described, status, callerAuth) },
      ]),
    ),
  };
}

/** A refused key is answered by the host, without a body; of two schemas there is room for the usual one. */
function chooseFailureSchema(
  { name }: Described,
  status: number,
  callerAuth: DescribedService['callerAuth'],
): JsonObject {
  if (status === 401 && callerAuth === 'key') return {};
  return { schema: { $ref: `#/definitions/${name === 'health-ready' && status === 503 ? 'Health' : 'Problem'}` } };
}

/** Flat where there is a choice. */
function flowBodyOf({ bodies }: Described): string {
  const last = bodies.at(-1);
  return last === undefined ? '' : getSchemaName(last);
}

/** The schemas in use, in the words that Swagger 2.0 has. */
function definitions(described: readonly Described[]): JsonObject {
  const all = listNamedSchemas(namedSchemas, '#/definitions/');
  const used = new Set<string>();
  const collect = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    rewritten(all[name], (object) => {
      const { $ref: reference } = object;
      if (typeof reference === 'string') collect(reference.replace('#/definitions/', ''));
      return object;
    });
  };
  for (const each of described) collect(flowBodyOf(each));
  collect('Problem');
  return Object.fromEntries([...used].map((name) => [name, rewritten(all[name], withoutNewWords)]));
}

/** A schema of JSON Schema 2020-12 as Swagger 2.0 can say it. */
function withoutNewWords(schema: JsonObject): JsonObject {
  // Not a schema but its members, one of which is called so.
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
