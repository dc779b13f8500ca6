// USAGE_API_URL=http://localhost:7071 USAGE_API_KEY=<key> node docs/examples/over-budget.ts
const baseUrl = process.env['USAGE_API_URL'] ?? 'http://localhost:7071';
const key = process.env['USAGE_API_KEY'] ?? '';

/** The members used here of one record; amounts as text, with every digit. */
type UsageRecord = {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly isUpgraded: boolean;
  readonly percentUsed: number;
  readonly totalCost: string;
  readonly currencyCode?: string;
  readonly currencyLocale?: string;
  readonly budget: { readonly amount?: string | null };
};

type UsagePage = {
  readonly value: readonly UsageRecord[];
  readonly totalCount: number;
  readonly snapshot: { readonly fetchedAt: string; readonly state: 'fresh' | 'stale' | 'degraded' };
  readonly nextLink?: string;
};

const amounts = new Set(['totalCost', 'usdTotalCost', 'amount']);

/** JSON.parse makes doubles of numbers; `source` is the number as it was written. */
function withExactAmounts(name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return amounts.has(name) && typeof value === 'number' ? context?.source : value;
}

/** All records that match, page by page. */
export async function* usageRecords(query: Readonly<Record<string, string>>): AsyncGenerator<UsageRecord> {
  let url: string | undefined = `${baseUrl}/api/customers/usagerecords?${new URLSearchParams(query).toString()}`;
  while (url !== undefined) {
    const response: Response = await fetch(url, { headers: { 'x-functions-key': key } });
    if (!response.ok) throw new Error(`${response.status} ${response.headers.get('x-ms-error-code')}`);
    const page: UsagePage = JSON.parse(await response.text(), withExactAmounts);
    if (page.snapshot.state !== 'fresh') console.warn(`${page.snapshot.state} data of ${page.snapshot.fetchedAt}`);
    yield* page.value;
    url = page.nextLink;
  }
}

const query = { minPercentUsed: '100', orderby: 'percentUsed desc', maxpagesize: '50' };
for await (const { resourceName, percentUsed, totalCost, currencyCode, currencyLocale, budget } of usageRecords(
  query,
)) {
  const currency = currencyCode ?? `currency of ${currencyLocale}`;
  console.log(`${resourceName}: ${percentUsed} % used, estimated ${totalCost} of ${budget.amount} ${currency}`);
}
