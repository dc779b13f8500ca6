import type { HttpMethod } from '@azure/functions';
import type { CallerAuth } from '../http/caller.ts';
import { isAboutData } from '../http/problem.ts';
import { createExamples } from './examples.ts';
import { listFailures, referToHeaders, responseHeaders } from './responses.ts';
import type { DescribedFailure } from './responses.ts';
import { toJsonSchemas } from './json-schema.ts';
import type { JsonObject } from './json-schema.ts';
import { describeRoutes } from './operations.ts';
import type { DescribedRoute } from './operations.ts';
import type { DescribedParameter } from './parameters.ts';
import { namedSchemas } from './schemas.ts';
import type { SchemaName } from './schemas.ts';
import { describePathParameters, entraSignIn, info, keySignIn, signIn, tags, toPath } from './service.ts';
import type { DescribedService } from './service.ts';

type Examples = ReturnType<typeof createExamples>;

const schemaBase = '#/components/schemas/';

/** The OpenAPI 3.1 document of the service: every route and method, for developers. */
export function buildOpenApi({ baseUrl, callerAuth, routes, thresholds }: DescribedService): JsonObject {
  const described = describeRoutes(routes, thresholds);
  const examples = createExamples(baseUrl);
  const { name, scopes } = signIn[callerAuth];
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info,
    servers: [{ url: baseUrl }],
    tags,
    paths: Object.fromEntries(described.map((route) => [toPath(route), describePath(route, callerAuth, examples)])),
    security: [{ [name]: scopes }],
    components: {
      securitySchemes: { [name]: securitySchemes[callerAuth] },
      schemas: toJsonSchemas(namedSchemas, schemaBase),
      headers: responseHeaders,
      parameters: conditionalParameters,
    },
  };
}

const securitySchemes = {
  key: keySignIn,
  entra: { type: 'oauth2', description: 'A Microsoft Entra token.', flows: { authorizationCode: entraSignIn } },
} as const;

const conditionalParameters = {
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'ETags of answers that the caller has stored.',
    schema: { type: 'string' },
  },
} as const;

function describePath(route: DescribedRoute, callerAuth: CallerAuth, examples: Examples): JsonObject {
  const parameters = describePathParameters(route).map((parameter) => ({
    ...parameter,
    schema: { type: 'string', format: 'uuid' },
  }));
  const methods = route.methods.map((method) => [
    method.toLowerCase(),
    describeMethod(route, method, callerAuth, examples),
  ]);
  return { ...(parameters.length > 0 && { parameters }), ...Object.fromEntries(methods) };
}

function describeMethod(
  route: DescribedRoute,
  method: HttpMethod,
  callerAuth: CallerAuth,
  examples: Examples,
): JsonObject {
  const { id, tag, summary, description, parameters, isConditional = false, access } = route;
  const isHead = method === 'HEAD';
  const conditional = isConditional ? [{ $ref: '#/components/parameters/IfNoneMatch' }] : [];
  const responses: Readonly<Record<number, JsonObject>> = {
    ...describeSuccesses(route, examples),
    ...Object.fromEntries(listFailures(route, callerAuth).map((failure) => [failure.status, describeFailure(failure)])),
  };
  return {
    operationId: isHead ? `${id}Head` : id,
    tags: [tag],
    summary: isHead ? `${summary}, head only` : summary,
    description: isHead ? `${description} Without the body.` : description,
    ...(access === 'anybody' && { security: [] }),
    parameters: [...parameters.map(describeParameter), ...conditional],
    responses: isHead ? withoutContent(responses) : responses,
  };
}

function describeParameter({ name, description, schema }: DescribedParameter): JsonObject {
  const isArray = schema['type'] === 'array';
  return { name, in: 'query', description, ...(isArray && { style: 'form', explode: false }), schema };
}

function describeSuccesses(
  { id, bodies, isCsv, isConditional, accepted, dataHeaders = [] }: DescribedRoute,
  examples: Examples,
): Readonly<Record<number, JsonObject>> {
  const common = ['x-ms-request-id', ...(isConditional ? (['etag'] as const) : []), ...dataHeaders] as const;
  const shown = examples[id]?.map(({ request, value }, at) => [`example${at + 1}`, { summary: request, value }]);
  const json = { schema: referToAny(bodies), ...(shown && { examples: Object.fromEntries(shown) }) };
  return {
    200: {
      description: 'The answer.',
      headers: referToHeaders(common),
      content: { 'application/json': json, ...(isCsv && { 'text/csv': { schema: { type: 'string' } } }) },
    },
    ...(accepted && {
      202: {
        description: accepted.description,
        headers: referToHeaders([...common, 'location', 'retry-after']),
        ...(accepted.body && { content: { 'application/json': { schema: referToAny([accepted.body]) } } }),
      },
    }),
    ...(isConditional && {
      304: { description: 'The stored answer is still current.', headers: referToHeaders(common) },
    }),
  };
}

function describeFailure({ status, description, bodies }: DescribedFailure): JsonObject {
  if (bodies.length === 0) return { description };
  const mayWait = status === 429 || status === 503;
  return {
    description,
    headers: referToHeaders([
      'x-ms-request-id',
      'x-ms-error-code',
      ...(isAboutData(status) ? (['last-modified'] as const) : []),
      ...(mayWait ? (['retry-after'] as const) : []),
    ]),
    content: {
      'application/json': { schema: referToAny(bodies) },
      'application/problem+json': { schema: referToAny(['Problem']) },
    },
  };
}

function withoutContent(responses: Readonly<Record<number, JsonObject>>): JsonObject {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { content: _content, ...response }]) => [status, response]),
  );
}

function referToAny(names: readonly SchemaName[]): JsonObject {
  const references = names.map((name) => ({ $ref: `${schemaBase}${name}` }));
  return references.length === 1 ? { ...references[0] } : { anyOf: references };
}
