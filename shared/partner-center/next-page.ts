import { DependencyError } from '../errors.ts';
import type { PageAddress } from './page-request.ts';
import type { Link, PageEnvelope } from './read-page.ts';

/**
 * Creates a function that follows `links.next`. It limits the number of pages and stays on the API's own origin. A list with a
 * refused link fails as a whole.
 */
export function createNextPageFinder(apiUrl: string, first: PageAddress, maxPages: number) {
  const seen = new Set([buildKey(first)]);

  /** The address of the page after this one; `undefined` at the end. Throws DependencyError `UpstreamPartial`. */
  return function findNextPage({ links }: PageEnvelope): PageAddress | undefined {
    const next = links?.next;
    if (next === null || next === undefined) return undefined;

    function refuse(message: string, reason: string): DependencyError {
      return new DependencyError('UpstreamPartial', message, { details: { reason, pages: seen.size } });
    }

    const address = resolveLink(next, apiUrl);
    if (address === undefined) throw refuse('a page links to another origin', 'foreign-link');
    if (seen.has(buildKey(address))) throw refuse('a page links back to one already read', 'repeated-link');
    if (seen.size >= maxPages) throw refuse('there are more pages than allowed', 'too-many-pages');
    seen.add(buildKey(address));
    return address;
  };
}

/** With the headers: pages may share one address and differ in MS-ContinuationToken. */
function buildKey({ url, headers }: PageAddress): string {
  return JSON.stringify([url, headers]);
}

/** Headers of the connection or of this client, which a link cannot set. */
const ownHeaders = new Set(
  (
    'accept-encoding authorization connection content-length content-type cookie expect host keep-alive te trailer ' +
    'transfer-encoding upgrade'
  ).split(' '),
);

/**
 * Where a link of a collection leads: its `uri` may be absolute, or relative with or without `/v1`. `undefined` for another
 * origin than the API's, where our token must never go.
 */
function resolveLink({ uri, headers }: Link, apiUrl: string): PageAddress | undefined {
  const url = resolveUrl(uri, new URL(`${apiUrl}/v1/`));
  if (url === undefined) return undefined;
  const wanted = headers
    .map(({ key, value }) => [key.toLowerCase(), value] as const)
    .filter(([key, value]) => isHeader(key, value) && !ownHeaders.has(key));
  return { url, headers: Object.fromEntries(wanted) };
}

function resolveUrl(uri: string, base: URL): string | undefined {
  const given = URL.parse(uri, base.href);
  if (given === null || given.origin !== base.origin) return undefined;
  if (/^https?:/i.test(uri)) return `${given.origin}${given.pathname}${given.search}`;
  // After `./`, no text can name a host.
  return new URL(uri.replace(/^\/?(v1\/)?/, './'), base).href;
}

function isHeader(key: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(key) && /^[\t\x20-\x7e]*$/.test(value);
}
