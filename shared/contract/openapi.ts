import { isAboutData } from '../http/problem.ts';
import { createExamples } from './examples.ts';
import { listNamedSchemas } from './json-schema.ts';
import type { JsonObject } from './json-schema.ts';
import { describedRoutes } from './operations.ts';
import type { Described } from './operations.ts';
import { toTitle } from './parameters.ts';
import type { DescribedParameter } from './parameters.ts';
import { listFailures, describeFailures } from './responses.ts';
import { namedSchemas, getSchemaName } from './schemas.ts';
import { entraSignIn, info, toPath, parsePathParameters, signIn, tags } from './service.ts';
import type { DescribedService } from './service.ts';

type Examples = ReturnType<typeof createExamples>[string] | undefined;

const schemaBase = '#/components/schemas/';

/** The OpenAPI 3.1 document of the service: every registered route and method, for developers. */
export function buildOpenApi(service: DescribedService): JsonObject {
  const { baseUrl, callerAuth, routes, thresholds } = service;
  const described = describedRoutes(routes, thresholds);
  const examples = createExamples(baseUrl);
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info,
    servers: [{ url: baseUrl }],
    tags,
    paths: Object.fromEntries(described.map((each) => [toPath(each), pathItemOf(each, service, examples[each.id])])),
    security: [{ [signIn[callerAuth].name]: signIn[callerAuth].scopes }],
    components: {
      securitySchemes: { [signIn[callerAuth].name]: securitySchemes[callerAuth] },
      schemas: listNamedSchemas(namedSchemas, schemaBase),
      headers,
      parameters: conditionalParameters,
    },
  };
}

const securitySchemes = {
  key: { type: 'apiKey', in: 'header', name: 'x-functions-key', description: 'A function key of the service.' },
  entra: { type: 'oauth2', description: 'A token of Microsoft Entra.', flows: { authorizationCode: entraSignIn } },
} as const;

const headers = {
  RequestId: { description: "The request's id, which the logs name.", schema: { type: 'string' } },
  ETag: { description: 'The version of this answer.', schema: { type: 'string' } },
  Location: { description: 'Where to ask next.', schema: { type: 'string', format: 'uri' } },
  RetryAfter: { description: 'How many seconds to wait.', schema: { type: 'integer', minimum: 1 } },
  LastModified: {
    description: 'When the data was fetched from Partner Center, to the second.',
    schema: { type: 'string', pattern: '^\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT$' },
  },
  CacheStatus: {
    description:
      'RFC 9211: for how many more seconds the data counts as fresh (`ttl`, negative when it no longer does), its state (`detail`), its `period`, and the `reason` why there is no newer data.',
    schema: {
      type: 'string',
      pattern: '^usage; hit; ttl=-?\\d+; detail=\\w+; period="\\d{4}-\\d\\d"(; reason=\\w+)?$',
    },
  },
  ErrorCode: { description: 'The `code` of the body.', schema: { type: 'string' } },
} as const;

const conditionalParameters = {
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'ETags of answers that the caller holds.',
    schema: { type: 'string' },
  },
} as const;

function pathItemOf(described: Described, service: DescribedService, examples: Examples): JsonObject {
  const parameters = parsePathParameters(described).map((name) => ({
    name,
    in: 'path',
    required: true,
    description: `${toTitle(name)} of the rows.`,
    schema: { type: 'string', format: 'uuid' },
  }));
  const operations = described.methods.map((method) => [
    method.toLowerCase(),
    toOperation(described, method, service, examples),
  ]);
  return { ...(parameters.length > 0 && { parameters }), ...Object.fromEntries(operations) };
}

function toOperation(
  described: Described,
  method: string,
  { callerAuth }: DescribedService,
  examples: Examples,
): JsonObject {
  const { id, tag, summary, description, parameters, isConditional = false, access } = described;
  const isHead = method === 'HEAD';
  const conditional = isConditional ? [{ $ref: '#/components/parameters/IfNoneMatch' }] : [];
  return {
    operationId: isHead ? `${id}Head` : id,
    tags: [tag],
    summary: isHead ? `${summary}, head only` : summary,
    description: isHead ? `${description} Without the body.` : description,
    ...(access === 'anybody' && { security: [] }),
    parameters: [...parameters.map(parameterOf), ...conditional],
    responses: {
      ...successesOf(described, isHead, examples),
      ...Object.fromEntries(
        listFailures(described, callerAuth).map((status) => [status, failureOf(described, status, callerAuth, isHead)]),
      ),
    },
  };
}

function parameterOf({ name, description, schema }: DescribedParameter): JsonObject {
  const isList = schema['type'] === 'array';
  return { name, in: 'query', description, ...(isList && { style: 'form', explode: false }), schema };
}

const requestId = { 'x-ms-request-id': { $ref: '#/components/headers/RequestId' } } as const;
const retryAfter = { 'retry-after': { $ref: '#/components/headers/RetryAfter' } } as const;
const lastModified = { 'last-modified': { $ref: '#/components/headers/LastModified' } } as const;
const age = { ...lastModified, 'cache-status': { $ref: '#/components/headers/CacheStatus' } } as const;
const location = { location: { $ref: '#/components/headers/Location' } } as const;

function successesOf(
  { bodies, isCsv, isConditional, accepted, name, tag: group }: Described,
  isHead: boolean,
  examples: Examples,
): JsonObject {
  const tag = isConditional ? { etag: { $ref: '#/components/headers/ETag' } } : {};
  const dated = group === 'Usage' ? age : name === 'health-ready' ? lastModified : {};
  const polled = name === 'budget-events' ? { ...location, ...retryAfter } : {};
  const references = bodies.map((body) => ({ $ref: `${schemaBase}${getSchemaName(body)}` }));
  const [only = {}] = references;
  const shown = examples?.map(({ request, value }, at) => [`example${at + 1}`, { summary: request, value }] as const);
  const json = {
    schema: references.length > 1 ? { anyOf: references } : only,
    ...(shown !== undefined && { examples: Object.fromEntries(shown) }),
  };
  const content = { 'application/json': json, ...(isCsv && { 'text/csv': { schema: { type: 'string' } } }) };
  return {
    200: {
      description: 'The answer.',
      headers: { ...requestId, ...tag, ...dated, ...polled },
      ...(!isHead && { content }),
    },
    ...(accepted && {
      202: {
        description: accepted.description,
        headers: { ...requestId, ...dated, ...location, ...retryAfter },
        ...(accepted.body && {
          content: { 'application/json': { schema: { $ref: `${schemaBase}${getSchemaName(accepted.body)}` } } },
        }),
      },
    }),
    ...(isConditional && {
      304: {
        description: 'The answer that the caller holds still stands.',
        headers: { ...requestId, ...tag, ...dated },
      },
    }),
  };
}

function failureOf(
  { name }: Described,
  status: number,
  callerAuth: DescribedService['callerAuth'],
  isHead: boolean,
): JsonObject {
  // With keys the host itself refuses a caller, and says nothing.
  if (status === 401 && callerAuth === 'key') return { description: 'The key is missing or wrong.' };
  const problem = { $ref: `${schemaBase}Problem` };
  const isHealth = name === 'health-ready' && status === 503;
  const content = {
    'application/json': { schema: isHealth ? { anyOf: [{ $ref: `${schemaBase}Health` }, problem] } : problem },
    'application/problem+json': { schema: problem },
  };
  const mayWait = status === 429 || status === 503;
  return {
    description: describeFailures(status),
    headers: {
      ...requestId,
      'x-ms-error-code': { $ref: '#/components/headers/ErrorCode' },
      ...(isAboutData(status) && lastModified),
      ...(mayWait && retryAfter),
    },
    ...(!isHead && { content }),
  };
}
