import { hash } from 'node:crypto';
import type { JsonObject } from '../shared/contract/json-schema.ts';
import type { DescribedService } from '../shared/contract/service.ts';
import type { RequestHandler } from '../shared/http/handler.ts';
import { contentTypes, jsonType, requireType } from '../shared/http/negotiation.ts';
import { parseUsageQuery } from '../shared/query/usage-query.ts';
import { readMethods } from './http-function.ts';
import type { AppParts } from './composition.ts';
import type { HttpFunction } from './http-function.ts';

type Describe = (service: DescribedService) => JsonObject;

/** `GET /api/openapi.json`: what the service offers, for developers and their tools. */
export const openapi: HttpFunction = {
  name: 'openapi',
  route: 'openapi.json',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler: (parts) => createDescriptionHandler(parts, loadOpenApi),
};

/** `GET /api/swagger.json`: the same as Power Automate imports it. */
export const swagger: HttpFunction = {
  name: 'swagger',
  route: 'swagger.json',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler: (parts) => createDescriptionHandler(parts, loadSwagger),
};

// Loaded when first asked for: making the schemas of all answers would slow down every start.
async function loadOpenApi(): Promise<Describe> {
  return (await import('../shared/contract/openapi.ts')).buildOpenApi;
}

async function loadSwagger(): Promise<Describe> {
  return (await import('../shared/contract/swagger.ts')).buildSwagger;
}

/** Answers with the description of the service under the address it was called by. */
function createDescriptionHandler(parts: AppParts, loadDescribe: () => Promise<Describe>): RequestHandler {
  const { service, clock, responder } = parts;
  // Addresses differ only where there are several names for one service.
  let last = { baseUrl: '', body: Buffer.alloc(0), etag: '' };

  return async function answerDescription(request) {
    const { url, headers } = request;
    parseUsageQuery(url.searchParams, { now: clock(), known: ['api-version'] });
    requireType(headers, [jsonType]);
    const baseUrl = request.linkToSibling('').replace(/\/$/, '');
    if (baseUrl !== last.baseUrl) {
      const describe = await loadDescribe();
      const body = Buffer.from(JSON.stringify(describe({ ...service, baseUrl })));
      last = { baseUrl, body, etag: `W/"${hash('sha256', body, 'base64url').slice(0, 27)}"` };
    }
    const { body, etag } = last;
    const common = { etag, 'cache-control': 'private, max-age=300', vary: 'Accept, Accept-Encoding' };
    const representation = { contentType: contentTypes.json, headers: common, etag };
    return responder.reuse(request, representation) ?? responder.send(request, representation, { pieces: [body] });
  };
}
