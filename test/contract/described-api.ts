import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { z } from 'zod';
import { isJsonObject, rewriteObjects } from '../../shared/contract/json-schema.ts';
import type { JsonObject } from '../../shared/contract/json-schema.ts';
import type { Reply } from '../support/http-client.ts';

const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['query', 'path', 'header']),
  schema: z.looseObject({ type: z.string() }),
});
const referenceSchema = z.object({ $ref: z.string() });
const operationSchema = z.looseObject({
  operationId: z.string(),
  parameters: z.array(z.union([parameterSchema, referenceSchema])),
  responses: z.record(
    z.string(),
    z.looseObject({
      headers: z.record(z.string(), z.looseObject({ $ref: z.string() })).default({}),
      content: z.record(z.string(), z.looseObject({})).optional(),
    }),
  ),
});
const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ headers: z.record(z.string(), z.unknown()) }),
});
/** A header that is not described has a schema that nothing fits. */
const headerSchema = z.looseObject({ schema: z.looseObject({}).default({ not: {} }) });
/** What the service says of an answer; the rest are HTTP's own affairs. */
const ownHeaders = [
  'cache-status',
  'etag',
  'last-modified',
  'location',
  'retry-after',
  'x-ms-error-code',
  'x-ms-request-id',
];

export type DescribedParameter = z.infer<typeof parameterSchema>;
export type DescribedOperation = {
  readonly id: string;
  readonly method: string;
  /** As it is described, below the server's address. */
  readonly path: string;
  /** In the query. */
  readonly parameters: readonly DescribedParameter[];
  readonly statuses: readonly number[];
};

/** The operations of an OpenAPI 3.1 document, and what is wrong with an answer as seen from it. */
export function describedApi(document: unknown) {
  const { paths, components } = documentSchema.parse(document);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(Object(withoutMore(document)), 'openapi');
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => (item[method] === undefined ? [] : [toOperation(path, method, item[method])])),
  );

  /** The headers of an answer that are not described, or not as described. */
  function findUndescribedHeaders({ headers }: Reply, described: Readonly<Record<string, { readonly $ref: string }>>) {
    return ownHeaders.flatMap((name) => {
      const text = headers[name];
      if (text === undefined) return [];
      const { $ref: reference = '' } = described[name] ?? {};
      const { schema } = headerSchema.parse(components.headers[reference.replace('#/components/headers/', '')] ?? {});
      const value: unknown = schema['type'] === 'integer' ? Number(text) : text;
      return ajv.validate(schema, value) ? [] : [`${name}: ${String(text)}`];
    });
  }

  /** What is wrong with an answer of this operation: a status, type or body that is not described. */
  function complaintsOf({ id, path, method }: DescribedOperation, reply: Reply): string[] {
    const { responses } = operationSchema.parse(paths[path]?.[method]);
    const response = responses[String(reply.status)];
    if (response === undefined) return [`${id}: status ${reply.status} is not described`];
    const undescribed = findUndescribedHeaders(reply, response.headers).map(
      (header) => `${id}: ${reply.status} ${header}`,
    );
    if (undescribed.length > 0 || reply.body === '') return undescribed;
    const type = reply.headers['content-type']?.split(';')[0] ?? '';
    if (response.content?.[type] === undefined) return [`${id}: ${reply.status} with ${type} is not described`];
    if (type === 'text/csv') return [];
    const place = ['paths', path, method, 'responses', String(reply.status), 'content', type, 'schema'];
    const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = ajv.getSchema(`openapi#/${pointer}`);
    if (validate === undefined) return [`${id}: ${reply.status} has no schema`];
    if (validate(JSON.parse(reply.body)) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${id}: ${reply.status}${instancePath} ${message}`,
    );
  }

  return { operations, complaintsOf };
}

function toOperation(path: string, method: string, value: unknown): DescribedOperation {
  const { operationId, parameters, responses } = operationSchema.parse(value);
  return {
    id: operationId,
    method,
    path,
    parameters: parameters.flatMap((each) => ('name' in each && each.in === 'query' ? [each] : [])),
    statuses: Object.keys(responses).map(Number),
  };
}

/** Clients have to live with new members; this test wants each described. */
function withoutMore(document: unknown): unknown {
  return rewriteObjects(document, (object: JsonObject) =>
    isJsonObject(object['properties']) && object['type'] === 'object' && !('additionalProperties' in object)
      ? { ...object, additionalProperties: false }
      : object,
  );
}
