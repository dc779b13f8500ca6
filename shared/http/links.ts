/**
 * The absolute address of another request to the same route: below `publicBaseUrl` when that is set, else below the request's own
 * host. Of the request's query nothing is taken over, least of all a key in `code`.
 */
export function buildRouteLink(url: URL, publicBaseUrl: string | undefined, query: string): string {
  return `${publicBaseUrl ?? url.origin}${url.pathname}?${query}`;
}

/** The absolute address of the route that stands at `path` beside the request's own, whose last part it replaces. */
export function buildSiblingLink(url: URL, publicBaseUrl: string | undefined, path: string): string {
  return `${publicBaseUrl ?? url.origin}${url.pathname.replace(/[^/]*\/?$/, path)}`;
}
