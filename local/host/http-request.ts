import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** The request as the host passes it to the worker, without streaming. */
export function buildRequestDatum(
  request: IncomingMessage,
  params: Readonly<Record<string, string>>,
  body: Buffer,
): object {
  const { method = '', url: target = '', headers, headersDistinct } = request;
  const joinedHeaders = Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(',')] as const);
  return {
    method,
    // Scheme, Host header, path and query as received.
    url: target.startsWith('/') ? `http://${headers.host ?? 'localhost'}${target}` : target,
    nullableHeaders: nullable(joinedHeaders),
    nullableQuery: nullable(joinQuery(target)),
    nullableParams: nullable(Object.entries(params)),
    ...(body.length > 0 && { body: { bytes: body } }),
  };
}

/** The body when Content-Length is above 0; a chunked body without it never reaches a function. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const body = await buffer(request);
  return Number(request.headers['content-length'] ?? 0) > 0 ? body : Buffer.alloc(0);
}

/** The query of a request target. */
export function parseQuery(target: string): URLSearchParams {
  const start = target.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : target.slice(start));
}

/** The query by name, ignoring case, with repeated values joined by commas. */
function joinQuery(target: string): [string, string][] {
  const joined = new Map<string, [name: string, value: string]>();
  for (const [name, value] of parseQuery(target)) {
    const [first, values] = joined.get(name.toLowerCase()) ?? [name];
    joined.set(name.toLowerCase(), [first, values === undefined ? value : `${values},${value}`]);
  }
  return [...joined.values()];
}

function nullable(entries: Iterable<readonly [string, string]>): object {
  return Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
}
