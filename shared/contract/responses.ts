import type { CallerAuth } from '../http/caller.ts';
import { problemTexts } from '../http/problem-texts.ts';
import type { DescribedRoute, OperationName } from './operations.ts';
import type { SchemaName } from './schemas.ts';
import type { JsonObject } from './json-schema.ts';

/** A failure that an operation may answer with. */
export type DescribedFailure = {
  readonly status: number;
  readonly description: string;
  /** Possible JSON bodies, the usual one first; none when the host itself answers. */
  readonly bodies: readonly SchemaName[];
};

/** The failures of an operation, by status. */
export function listFailures(route: DescribedRoute, callerAuth: CallerAuth): DescribedFailure[] {
  const callerFailures = route.access === 'anybody' ? [] : callerAuth === 'entra' ? [401, 403] : [401];
  // Liveness fails only while settings are bad.
  const defects = route.name === 'health-live' ? [] : [500];
  return [...route.failures, ...callerFailures, ...defects, 503]
    .toSorted((one, other) => one - other)
    .map((status) => {
      // With keys the host itself refuses a caller, without a body.
      if (status === 401 && callerAuth === 'key')
        return { status, description: 'The key is missing or wrong.', bodies: [] };
      const isHealth = route.name === 'health-ready' && status === 503;
      return {
        status,
        description: describeStatus(status, route.name),
        bodies: isHealth ? ['Health', 'Problem'] : ['Problem'],
      };
    });
}

/** The titles of the problems with this status. */
function describeStatus(status: number, route: OperationName): string {
  if (status === 404 && route === 'customer-usage-records') {
    return 'The id is not valid; no usage record belongs to this customer; no list of the day or month is kept.';
  }
  if (status === 404) return 'No list of the day or month is kept.';
  const titles = Object.values<readonly [number, string, string]>(problemTexts)
    .filter(([each]) => each === status)
    .map(([, title]) => title);
  return `${titles.join('; ')}.`;
}

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
      'RFC 9211: for how many more seconds the data counts as fresh (`ttl`, negative once it is stale), its state (`detail`), its `period`, and the `reason` why there is no newer data. For a kept list: the day (`as-of`) or month asked for.',
    schema: {
      type: 'string',
      pattern:
        '^usage; hit; (ttl=-?\\d+; detail=\\w+; period="\\d{4}-\\d\\d"(; reason=\\w+)?|detail=historical; (as-of|period)="[\\d-]+")$',
    },
  },
  'x-ms-error-code': { description: 'The `code` of the body.', schema: { type: 'string' } },
} as const satisfies Readonly<Record<string, JsonObject>>;

export type HeaderName = keyof typeof responseHeaders;

/** References to headers below `components` of an OpenAPI document. */
export function referToHeaders(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
