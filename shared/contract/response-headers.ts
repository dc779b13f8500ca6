import type { JsonObject } from './json-schema.ts';

/** The headers of answers that descriptions explain. */
export const responseHeaders = {
  'x-ms-request-id': { description: 'The id of the request, as it stands in the logs.', schema: { type: 'string' } },
  etag: { description: 'The version of this answer.', schema: { type: 'string' } },
  location: { description: 'The URL to call next.', schema: { type: 'string', format: 'uri' } },
  'retry-after': { description: 'How many seconds to wait.', schema: { type: 'integer', minimum: 1 } },
  'last-modified': {
    description: 'When the data was fetched from Partner Center, to the second.',
    schema: { type: 'string', pattern: '^\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT$' },
  },
  'cache-status': {
    description:
      'RFC 9211: for how many more seconds the data counts as fresh (`ttl`, negative once it is stale), its state (`detail`), its `period`, and the `reason` why there is no newer data.',
    schema: {
      type: 'string',
      pattern: '^usage; hit; ttl=-?\\d+; detail=\\w+; period="\\d{4}-\\d\\d"(; reason=\\w+)?$',
    },
  },
  'x-ms-error-code': { description: 'The `code` of the body.', schema: { type: 'string' } },
} as const satisfies Readonly<Record<string, JsonObject>>;

export type HeaderName = keyof typeof responseHeaders;

/** References to headers below `components` of an OpenAPI document. */
export function referToHeaders(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
