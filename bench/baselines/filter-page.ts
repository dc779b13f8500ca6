import type { HttpHandler } from '@azure/functions';

export type UsageList = {
  readonly items: readonly { readonly percentUsed: number; readonly budget?: { readonly amount?: number } }[];
};

/** The handler of a service that has the list as objects: filters it and stringifies one page. */
export function createPageHandler(readList: () => Promise<UsageList>): HttpHandler {
  return async ({ query }) => {
    const least = Number(query.get('minPercentUsed') ?? 0);
    const most = Number(query.get('maxPercentUsed') ?? Infinity);
    const { items } = await readList();
    const matches = items.filter(
      ({ budget, percentUsed }) => budget?.amount !== undefined && percentUsed >= least && percentUsed <= most,
    );
    const value = matches.slice(0, Number(query.get('maxpagesize') ?? 1000));
    const body = JSON.stringify({ value, totalCount: matches.length });
    return { body, headers: { 'content-type': 'application/json' } };
  };
}

/** Where all baselines get the list from: Partner Center's answer with an hour of `Cache-Control`. */
export const upstream: string = process.env['BENCH_UPSTREAM'] ?? '';
export const page = { authLevel: 'function', route: 'customers/usagerecords' } as const;
