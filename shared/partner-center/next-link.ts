import type { PageAddress } from './page-request.ts';
import type { Link } from './page-envelope.ts';

/** Headers that belong to the connection or to us, whatever a link says. */
const ownHeaders = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Where a link of a collection leads: its `uri` may be absolute, or relative with or without `/v1`. `undefined` for another
 * origin than the API's, where our token must never go.
 */
export function addressOf({ uri, headers }: Link, apiUrl: string): PageAddress | undefined {
  const url = urlOf(uri, new URL(`${apiUrl}/v1/`));
  if (url === undefined) return undefined;
  const wanted = headers
    .map(({ key, value }) => [key.toLowerCase(), value] as const)
    .filter(([key, value]) => isHeader(key, value) && !ownHeaders.has(key));
  return { url, headers: Object.fromEntries(wanted) };
}

function urlOf(uri: string, base: URL): string | undefined {
  const given = URL.parse(uri, base.href);
  if (given === null || given.origin !== base.origin) return undefined;
  if (/^https?:/i.test(uri)) return `${given.origin}${given.pathname}${given.search}`;
  // Behind `./` nothing can name a host.
  return new URL(uri.replace(/^\/?(v1\/)?/, './'), base).href;
}

function isHeader(key: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(key) && /^[\t\x20-\x7e]*$/.test(value);
}
