import type { IncomingMessage } from 'node:http';
import type { HttpRequestDatum, Nullable } from './core-module.ts';

/** One request as the host hands it to the worker without streaming. */
export function requestDatumOf(
  request: IncomingMessage,
  params: Readonly<Record<string, string>>,
  body: Buffer,
): HttpRequestDatum {
  const headers = Object.entries(request.headersDistinct).map(
    ([name, values = []]) => [name, values.join(',')] as const,
  );
  return {
    method: request.method ?? '',
    url: urlOf(request),
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(queryOf(request)),
    nullableParams: nullable(Object.entries(params)),
    ...(body.length > 0 && { body: { bytes: body } }),
  };
}

/** Scheme, Host header, path and query as received. */
function urlOf(request: IncomingMessage): string {
  const target = request.url ?? '';
  return target.startsWith('/') ? `http://${request.headers.host ?? 'localhost'}${target}` : target;
}

/** The body where Content-Length is above 0: a chunked one without it reaches no function. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const wanted = Number(request.headers['content-length'] ?? 0) > 0;
  for await (const chunk of request) {
    if (wanted && Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The query by name, ignoring case, repeats joined with commas. */
function queryOf(request: IncomingMessage): Map<string, string> {
  const target = request.url ?? '';
  const start = target.indexOf('?');
  const joined = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const [name, value] of new URLSearchParams(start < 0 ? '' : target.slice(start))) {
    const known = joined.get(name.toLowerCase());
    if (known === undefined) joined.set(name.toLowerCase(), { name, values: [value] });
    else known.values.push(value);
  }
  return new Map([...joined.values()].map(({ name, values }) => [name, values.join(',')]));
}

function nullable(entries: Iterable<readonly [string, string]>): Nullable {
  return Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
}
