/** A number with every digit that the service sent. Compare with `Number(amount)`; add with a decimal library. */
export type Amount = string;

/** A row of `view=flat`; docs/reference/answers.md, "Flat row". */
export type UsageRow = {
  readonly customerId: string;
  readonly customerName: string;
  readonly period: string | null;
  readonly hasBudget: boolean | null;
  readonly budgetAmount: Amount | null;
  /** Null without a budget. */
  readonly percentUsed: number | null;
  /** Null when Partner Center gave no readable figure; the text is then empty. */
  readonly totalCost: Amount | null;
  readonly totalCostText: Amount;
  /** Empty on legacy rows, whose currency is unknown. */
  readonly currencyCode: string;
  readonly usdTotalCost: Amount | null;
  readonly isUpgraded: boolean | null;
  readonly lastModifiedDate: string | null;
  readonly pacePercent: number | null;
  readonly projectedMonthEndCost: Amount | null;
  readonly forecastConfidence: 'none' | 'low' | 'medium' | 'high';
  readonly budgetStatus: 'none' | 'unknown' | 'ok' | 'warning' | 'over';
};

/** How old the data of an answer is, and why there is no newer data. */
export type SnapshotInfo = {
  /** The day asked for with `asOf`. */
  readonly asOf?: string;
  readonly period: string;
  /** Counts the closing lists of the month asked for with `period`. */
  readonly version?: number;
  readonly fetchedAt: string;
  readonly state: 'fresh' | 'stale' | 'degraded' | 'historical';
  readonly reason?: string;
  readonly recordCount: number;
};

export type UsagePage = {
  readonly value: readonly UsageRow[];
  readonly totalCount: number;
  readonly snapshot: SnapshotInfo;
  readonly nextLink?: string;
};

/** Totals of one currency, or of the rows without a code that share a locale. An amount is null when nothing can be added. */
type Totals = {
  readonly currencyCode?: string;
  readonly currencyLocale?: string;
  readonly customers: number;
  readonly rows: number;
  readonly totalCost: Amount | null;
  readonly budgetAmount: Amount | null;
  readonly withBudget: number;
  readonly withoutBudget: number;
  readonly overWarning: number;
  readonly overBudget: number;
  readonly spendingWithoutBudget: number;
  /** Rows missing from the totals because their figures cannot be read. */
  readonly unknownTotalCost: number;
  readonly unknownBudget: number;
};

export type UsageSummary = {
  readonly value: readonly Totals[];
  readonly withoutCurrencyCode: readonly Totals[];
  readonly usd: { readonly usdTotalCost: Amount | null; readonly rows: number; readonly rowsWithout: number };
  readonly customers: number;
  readonly totalCount: number;
  readonly snapshot: SnapshotInfo;
};

/** A row on one day. `missing` when there are no figures of that day. */
export type HistoryPoint = Pick<UsageRow, 'customerId' | 'customerName' | 'isUpgraded' | 'period' | 'currencyCode'> &
  Pick<UsageRow, 'totalCost' | 'totalCostText' | 'percentUsed' | 'budgetAmount'> & {
    readonly date: string;
    readonly dailyCost: number | null;
    readonly dailyCostText: string;
    readonly missing: boolean;
  };

export type UsageHistory = Omit<UsagePage, 'value' | 'nextLink'> & {
  readonly value: readonly HistoryPoint[];
  readonly from: string;
  readonly to: string;
};

export type BudgetEvent = UsageRow & {
  readonly id: string;
  readonly kind: 'budgetThreshold' | 'firstSpendWithoutBudget' | 'projectedOverBudget' | 'spendJump';
  readonly threshold: number | null;
  readonly isHighest: boolean;
  /** Of kind `spendJump`: the UTC day such as `2026-11-20`, its cost, that of a usual day, and how many times as much. */
  readonly date: string | null;
  readonly dailyCost: number | null;
  readonly dailyCostText: string;
  readonly usualDailyCost: number | null;
  readonly usualDailyCostText: string;
  readonly dailyCostFactor: number | null;
  readonly previousPercentUsed: number | null;
  readonly crossedAt: string;
  readonly usageRecordsUrl: string;
  readonly partnerCenterUrl: string;
};

/** Parameters of the API by name (docs/reference/parameters.md), or as URLSearchParams. */
export type UsageFilters = URLSearchParams | Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** One problem of a 400. */
export type Mistake = {
  readonly parameter: string;
  readonly code: string;
  readonly detail: string;
  readonly allowed?: readonly string[];
};

type Failure = {
  /** The service's error code. `Unreachable`, `TimedOut`, `NotUnderstood` and `InvalidKey` come from this client; `Http404` and the like had no error body. */
  readonly code: string;
  /** Absent when the service did not answer. */
  readonly status?: number;
  /** Every problem of a 400. */
  readonly errors?: readonly Mistake[];
  /** The failure code that says why the service has no data; of a kept list `missing` or `corrupt`. */
  readonly reason?: string;
  /** Of `DayNotKept` and `PeriodNotKept`: the kept days or months around it. */
  readonly nearest?: { readonly before?: string; readonly after?: string };
  readonly retryAfterMs?: number;
  /** For the service's operator. */
  readonly requestId?: string;
};

/** Thrown by every call of the client; branch on `failure.code`. */
export class UsageApiError extends Error {
  override readonly name = 'UsageApiError';
  readonly failure: Failure;

  constructor(message: string, failure: Failure, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export type UsageClientOptions = {
  /** The URL of the service, without `/api`. */
  readonly url: string;
  /** A function key. */
  readonly key?: string | undefined;
  /** Gets an Entra token, if the service expects one instead of a key. */
  readonly token?: () => Promise<string>;
  /** Time limit of one call, including its body. */
  readonly timeoutMs?: number;
};

type Dated = { readonly snapshot: SnapshotInfo };
type Guard<T> = (body: unknown) => body is T;

const maxCachedAnswers = 50;
const maxAttempts = 3;
const amountNames = new Set(['totalCost', 'usdTotalCost', 'budgetAmount', 'projectedMonthEndCost']);

/**
 * A typed client of the service. Every call throws UsageApiError, or the reason of an aborted `signal`. Repeated calls are conditional, so
 * an unchanged answer costs a 304. Needs Node 22 or another engine with "JSON.parse source text access".
 */
export function createUsageClient({ url, key, token, timeoutMs = 30_000 }: UsageClientOptions) {
  const base = `${url.replace(/\/+$/, '')}/api`;
  const { origin } = new URL(base);
  // The error message of fetch would reveal the key.
  if (key !== undefined && !/^[\x21-\x7E]+$/.test(key)) {
    throw new UsageApiError('the key contains characters that a key never has', { code: 'InvalidKey' });
  }
  const cache = new Map<string, { readonly etag: string; readonly body: unknown }>();

  async function request<T>(
    address: string,
    headers: Readonly<Record<string, string>>,
    read: (response: Response) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    // A link to another host would leak the key; so would a redirect, which keeps custom headers.
    if (new URL(address).origin !== origin) {
      throw new UsageApiError(`a link points to another host: ${new URL(address).origin}`, { code: 'NotUnderstood' });
    }
    const authorization = token === undefined ? {} : { authorization: `Bearer ${await token()}` };
    const credentials = key === undefined ? authorization : { 'x-functions-key': key };
    const deadline = AbortSignal.timeout(timeoutMs);
    const signals = signal === undefined ? [deadline] : [deadline, signal];
    try {
      const response = await fetch(address, {
        headers: { ...credentials, ...headers },
        redirect: 'manual',
        signal: AbortSignal.any(signals),
      });
      if (!response.ok && (response.status !== 304 || headers['if-none-match'] === undefined)) {
        throw await readFailure(response);
      }
      return await read(response);
    } catch (error) {
      if (error instanceof UsageApiError || signal?.aborted === true) throw error;
      const code = deadline.aborted ? 'TimedOut' : 'Unreachable';
      const message = deadline.aborted ? `no answer within ${timeoutMs} ms` : 'no answer';
      throw new UsageApiError(`${message} at ${origin}`, { code }, { cause: error });
    }
  }

  async function get<T extends Dated>(address: string, isExpected: Guard<T>, signal?: AbortSignal): Promise<T> {
    const cached = cache.get(address);
    const headers = cached === undefined ? {} : { 'if-none-match': cached.etag };
    return request(
      address,
      { accept: 'application/json', ...headers },
      async (response) => {
        if (response.status === 304 && isExpected(cached?.body)) return updateAge(cached.body, response);
        const body = await readBody(response, isExpected);
        store(address, response.headers.get('etag'), body);
        return body;
      },
      signal,
    );
  }

  function store(address: string, etag: string | null, body: unknown): void {
    cache.delete(address);
    if (etag !== null) cache.set(address, { etag, body });
    const [oldest] = cache.keys();
    if (cache.size > maxCachedAnswers && oldest !== undefined) cache.delete(oldest);
  }

  function listAddress(filters: UsageFilters, set: Readonly<Record<string, string>>): string {
    const query = toSearchParams(filters);
    for (const [name, value] of Object.entries(set)) query.set(name, value);
    return `${base}/customers/usagerecords?${query.toString()}`;
  }

  /** The matching rows page by page. Throws `CursorExpired` when the list changes between two pages. */
  async function* pages(filters: UsageFilters = {}, signal?: AbortSignal): AsyncGenerator<UsagePage> {
    let address: string | undefined = listAddress(filters, { view: 'flat' });
    while (address !== undefined) {
      const page: UsagePage = await get(address, isPage, signal);
      yield page;
      address = page.nextLink;
    }
  }

  return {
    pages,

    /** All matching rows as one page. Starts again when the list changes between two pages. */
    async all(filters: UsageFilters = {}, signal?: AbortSignal): Promise<UsagePage> {
      for (let walk = 1; ; walk += 1) {
        try {
          return joinPages(await collectPages(pages(filters, signal)));
        } catch (error) {
          const isChanged = error instanceof UsageApiError && error.failure.code === 'CursorExpired';
          if (!isChanged || walk === maxAttempts) throw error;
        }
      }
    },

    /** The rows of one customer, who may have an Azure plan and a legacy subscription. Throws `CustomerNotFound` when there is none. */
    async customer(customerId: string, filters: UsageFilters = {}, signal?: AbortSignal): Promise<UsagePage> {
      const query = toSearchParams(filters);
      query.set('view', 'flat');
      const address = `${base}/customers/usagerecords/${encodeURIComponent(customerId)}?${query.toString()}`;
      return get(address, isPage, signal);
    },

    /** All matching rows as the bytes of a CSV file, in UTF-8 with a byte-order mark. */
    async csv(filters: UsageFilters = {}, signal?: AbortSignal): Promise<Uint8Array> {
      return request(listAddress(filters, { format: 'csv' }), { accept: 'text/csv' }, readBytes, signal);
    },

    /** Totals of the matching rows, by currency. */
    async summary(filters: UsageFilters = {}, signal?: AbortSignal): Promise<UsageSummary> {
      return get(`${base}/usagesummary?${toSearchParams(filters).toString()}`, isSummary, signal);
    },

    /** What up to 50 customers have cost day by day; `from` and `to` are among the filters. */
    async history(filters: UsageFilters = {}, signal?: AbortSignal): Promise<UsageHistory> {
      return get(`${base}/usagehistory?${toSearchParams(filters).toString()}`, isHistory, signal);
    },

    /**
     * Polls once: events since `location`, oldest first. When you have handled them, store the returned `location` and pass it to the next
     * poll, after `retryAfterMs`. The first poll, without `location`, returns no events.
     */
    async pollEvents({ location, threshold }: { location?: string; threshold?: number } = {}, signal?: AbortSignal) {
      const query = threshold === undefined ? '' : `?threshold=${threshold}`;
      const address = location ?? `${base}/budget-events${query}`;
      const read = async (response: Response) => ({
        events: response.status === 202 ? [] : await readBody(response, isEvents),
        location: response.headers.get('location') ?? address,
        retryAfterMs: parseRetryAfterMs(response) ?? 0,
      });
      return request(address, { accept: 'application/json' }, read, signal);
    },
  };
}

function toSearchParams(filters: UsageFilters): URLSearchParams {
  if (filters instanceof URLSearchParams) return new URLSearchParams(filters);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) query.set(name, String(value));
  return query;
}

async function collectPages(pages: AsyncIterable<UsagePage>): Promise<UsagePage[]> {
  const all: UsagePage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

function joinPages(pages: readonly UsagePage[]): UsagePage {
  const [first] = pages;
  if (first === undefined) throw new UsageApiError('the list has no page', { code: 'NotUnderstood' });
  const { totalCount, snapshot } = first;
  return { value: pages.flatMap((page) => page.value), totalCount, snapshot };
}

/** A 304 says in `Last-Modified` when the data was last fetched; state and reason stay those of the cached answer. */
function updateAge<T extends Dated>(body: T, response: Response): T {
  const confirmed = Date.parse(response.headers.get('last-modified') ?? '');
  if (Number.isNaN(confirmed) || confirmed <= Date.parse(body.snapshot.fetchedAt)) return body;
  return { ...body, snapshot: { ...body.snapshot, fetchedAt: new Date(confirmed).toISOString() } };
}

async function readBytes(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function readBody<T>(response: Response, isExpected: Guard<T>): Promise<T> {
  const body = parseJson(await response.text());
  if (isExpected(body)) return body;
  const type = response.headers.get('content-type') ?? 'no content type';
  const message = `the answer is not from the usage service (${response.status}, ${type})`;
  throw new UsageApiError(message, { code: 'NotUnderstood', status: response.status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, withExactAmounts);
  } catch {
    return undefined;
  }
}

/** Whether a member is an Amount here and a number in JSON. */
export function isAmount(name: string): boolean {
  return amountNames.has(name);
}

/** JSON.parse turns numbers into doubles; `source` has the digits as sent. */
function withExactAmounts(name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return isAmount(name) && typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

async function readFailure(response: Response): Promise<UsageApiError> {
  const { status, headers } = response;
  const problem = toMembers(parseJson(await response.text()));
  const code = toText(problem['code']) ?? headers.get('x-ms-error-code') ?? `Http${status}`;
  const message = toText(problem['detail']) ?? toText(problem['title']) ?? `the service answered ${status}`;
  const reason = toText(problem['reason']);
  const retryAfterMs = parseRetryAfterMs(response);
  const requestId = headers.get('x-ms-request-id');
  return new UsageApiError(message, {
    code,
    status,
    ...(isArrayOf(problem['errors'], isMistake) && { errors: problem['errors'] }),
    ...(reason !== undefined && { reason }),
    ...(isNearest(problem['nearest']) && { nearest: problem['nearest'] }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(requestId !== null && { requestId }),
  });
}

function parseRetryAfterMs(response: Response): number | undefined {
  const seconds = response.headers.get('retry-after') ?? '';
  return /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

function isPage(body: unknown): body is UsagePage {
  const { value, totalCount, snapshot } = toMembers(body);
  return Array.isArray(value) && typeof totalCount === 'number' && isSnapshotInfo(snapshot);
}

function isSummary(body: unknown): body is UsageSummary {
  const { value, withoutCurrencyCode, snapshot } = toMembers(body);
  return Array.isArray(value) && Array.isArray(withoutCurrencyCode) && isSnapshotInfo(snapshot);
}

function isHistory(body: unknown): body is UsageHistory {
  const { value, from, snapshot } = toMembers(body);
  return Array.isArray(value) && typeof from === 'string' && isSnapshotInfo(snapshot);
}

function isSnapshotInfo(body: unknown): body is SnapshotInfo {
  const { fetchedAt, state } = toMembers(body);
  return typeof fetchedAt === 'string' && typeof state === 'string';
}

function isEvents(body: unknown): body is readonly BudgetEvent[] {
  return isArrayOf(body, (event): event is BudgetEvent => typeof toMembers(event)['id'] === 'string');
}

function isNearest(value: unknown): value is NonNullable<Failure['nearest']> {
  return Object.values(toMembers(value)).some((each) => typeof each === 'string');
}

function isMistake(value: unknown): value is Mistake {
  const { parameter, detail } = toMembers(value);
  return typeof parameter === 'string' && typeof detail === 'string';
}

function isArrayOf<T>(value: unknown, isItem: Guard<T>): value is readonly T[] {
  return Array.isArray(value) && value.every((item) => isItem(item));
}

function toMembers(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
