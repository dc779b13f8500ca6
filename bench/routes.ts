const list = '/api/customers/usagerecords';
const gzip = { 'accept-encoding': 'gzip' };
const plain = { 'accept-encoding': 'identity' };

/** A request to the app and what it may cost. */
export type Route = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of every answer; 200 unless said. */
  readonly status?: number;
  /** Always the same request: the same bytes can be served by a handler that does nothing else. */
  readonly isRepeated: boolean;
  /** Takes so long that many at once only queue. */
  readonly isHeavy?: boolean;
  /** Greatest CPU time in milliseconds at 100 000 records. */
  readonly cpuLimitMs?: number;
};

/** The requests that are measured, by name. In a path, `{n}` and `{time}` differ from request to request, so no answer is a kept one. */
export const routes = {
  live: { path: '/api/health/live', headers: plain, isRepeated: true },
  'page-gzip': { path: `${list}?maxpagesize=50`, headers: gzip, isRepeated: true },
  page: { path: `${list}?maxpagesize=50`, headers: plain, isRepeated: true },
  'not-modified': { path: `${list}?maxpagesize=50`, headers: plain, status: 304, isRepeated: true },
  summary: { path: '/api/usagesummary', headers: gzip, isRepeated: true },
  events: { path: '/api/budget-events', headers: plain, status: 202, isRepeated: true },
  'page-of-10000': { path: `${list}?maxpagesize=10000`, headers: gzip, isRepeated: true, isHeavy: true },
  filtered: {
    path: `${list}?minPercentUsed=80&maxPercentUsed=9{n}&maxpagesize=50`,
    headers: plain,
    isRepeated: false,
  },
  sorted: {
    path: `${list}?orderby=percentUsed%20desc&modifiedSince={time}&maxpagesize=50`,
    headers: plain,
    isRepeated: false,
  },
  'flat-sorted': {
    path: `${list}?view=flat&orderby=pacePercent%20desc&modifiedSince={time}&maxpagesize=50`,
    headers: plain,
    isRepeated: false,
    cpuLimitMs: 60,
  },
  search: { path: `${list}?search=labs&modifiedSince={time}&maxpagesize=50`, headers: plain, isRepeated: false },
  'summary-new': {
    path: '/api/usagesummary?modifiedSince={time}',
    headers: plain,
    isRepeated: false,
    isHeavy: true,
    cpuLimitMs: 60,
  },
  csv: {
    path: `${list}?format=csv&modifiedSince={time}`,
    headers: gzip,
    isRepeated: false,
    isHeavy: true,
    cpuLimitMs: 500,
  },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof routes;

export function isRouteName(name: string): name is RouteName {
  return name in routes;
}

export const routeNames: readonly RouteName[] = Object.keys(routes).filter(isRouteName);

/** Routes with their names; every one unless said. */
export function listRoutes(names = routeNames): [RouteName, Route][] {
  return names.map((name) => [name, routes[name]]);
}
