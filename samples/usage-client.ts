/** A number as the service wrote it, with every digit: `Number(amount)` to compare, a decimal library to add. */
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
  /** Null, and the text empty, when Partner Center gave no readable figure. */
  readonly totalCost: Amount | null;
  readonly totalCostText: Amount;
  /** Empty on legacy rows: their currency is not known. */
  readonly currencyCode: string;
  readonly usdTotalCost: Amount | null;
  readonly isUpgraded: boolean | null;
  readonly lastModifiedDate: string | null;
  readonly pacePercent: number | null;
  readonly projectedMonthEndCost: Amount | null;
  readonly forecastConfidence: 'none' | 'low' | 'medium' | 'high';
  readonly budgetStatus: 'none' | 'unknown' | 'ok' | 'warning' | 'over';
};

/** How old an answer's data is, and why there is nothing newer. */
export type SnapshotInfo = {
  readonly period: string;
  readonly fetchedAt: string;
  readonly state: 'fresh' | 'stale' | 'degraded';
  readonly reason?: string;
  readonly recordCount: number;
};

export type UsagePage = {
  readonly value: readonly UsageRow[];
  readonly totalCount: number;
  readonly snapshot: SnapshotInfo;
  readonly nextLink?: string;
};

/** Totals of one currency, or of the rows without a code that share a locale. An amount is null when it has no sum. */
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
  /** Rows that the totals lack, as Partner Center gave no readable figure. */
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

export type BudgetEvent = UsageRow & {
  readonly id: string;
  readonly kind: 'budgetThreshold' | 'firstSpendWithoutBudget' | 'projectedOverBudget';
  readonly threshold: number | null;
  readonly isHighest: boolean;
  readonly previousPercentUsed: number | null;
  readonly crossedAt: string;
  readonly usageRecordsUrl: string;
  readonly partnerCenterUrl: string;
};

/** Parameters by the API's own names (docs/reference/parameters.md), or ready ones. */
export type UsageFilters = URLSearchParams | Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** One of a 400's. */
export type Mistake = {
  readonly parameter: string;
  readonly code: string;
  readonly detail: string;
  readonly allowed?: readonly string[];
};

type Failure = {
  /** The problem's code; `Unreachable`, `TimedOut`, `NotUnderstood` and `InvalidKey` are this client's own, `Http404` and such have no body. */
  readonly code: string;
  /** Missing when nothing answered. */
  readonly status?: number;
  /** Every mistake of a 400. */
  readonly errors?: readonly Mistake[];
  /** Why the service has no data: a failure code. */
  readonly reason?: string;
  readonly retryAfterMs?: number;
  /** For the service's operator. */
  readonly requestId?: string;
};

/** Whatever went wrong with a call; branch on `failure.code`. */
export class UsageApiError extends Error {
  override readonly name = 'UsageApiError';
  readonly failure: Failure;

  constructor(message: string, failure: Failure, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export type UsageClientOptions = {
  /** Where the service is, without `/api`. */
  readonly url: string;
  /** A function key. */
  readonly key?: string | undefined;
  /** Gets an Entra token, where the service wants one instead of a key. */
  readonly token?: () => Promise<string>;
  /** Of each call, its body included. */
  readonly timeoutMs?: number;
};

type Dated = { readonly snapshot: SnapshotInfo };
type Guard<T> = (body: unknown) => body is T;

const keptAnswers = 50;
const walksOfChangingList = 3;
const amountNames = new Set(['totalCost', 'usdTotalCost', 'budgetAmount', 'projectedMonthEndCost']);

/**
 * The service's calls, typed. Every one throws UsageApiError, or the reason of the caller's own signal. A repeated call whose answer has
 * not changed costs a 304. Wants Node 22 or another engine whose JSON.parse tells a number's source.
 */
export function createUsageClient({ url, key, token, timeoutMs = 30_000 }: UsageClientOptions) {
  const base = `${url.replace(/\/+$/, '')}/api`;
  const { origin } = new URL(base);
  // fetch would refuse it with a message that shows it.
  if (key !== undefined && !/^[\x21-\x7E]+$/.test(key)) {
    throw new UsageApiError('the key has characters that no key has', { code: 'InvalidKey' });
  }
  const kept = new Map<string, { readonly etag: string; readonly body: unknown }>();

  async function exchange<T>(
    address: string,
    headers: Readonly<Record<string, string>>,
    read: (response: Response) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    // A link to another host would carry the key away; so would a redirect, which takes custom headers along.
    if (new URL(address).origin !== origin) {
      throw new UsageApiError(`a link leads away to ${new URL(address).origin}`, { code: 'NotUnderstood' });
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
        throw await refusalOf(response);
      }
      return await read(response);
    } catch (error) {
      if (error instanceof UsageApiError || signal?.aborted === true) throw error;
      const code = deadline.aborted ? 'TimedOut' : 'Unreachable';
      const message = deadline.aborted ? `no answer within ${timeoutMs} ms` : 'nothing answers';
      throw new UsageApiError(`${message} at ${origin}`, { code }, { cause: error });
    }
  }

  async function get<T extends Dated>(address: string, isExpected: Guard<T>, signal?: AbortSignal): Promise<T> {
    const held = kept.get(address);
    const headers = held === undefined ? {} : { 'if-none-match': held.etag };
    return exchange(
      address,
      { accept: 'application/json', ...headers },
      async (response) => {
        if (response.status === 304 && isExpected(held?.body)) return withNewAge(held.body, response);
        const body = await bodyOf(response, isExpected);
        keep(address, response.headers.get('etag'), body);
        return body;
      },
      signal,
    );
  }

  function keep(address: string, etag: string | null, body: unknown): void {
    kept.delete(address);
    if (etag !== null) kept.set(address, { etag, body });
    const [oldest] = kept.keys();
    if (kept.size > keptAnswers && oldest !== undefined) kept.delete(oldest);
  }

  function listAddress(filters: UsageFilters, set: Readonly<Record<string, string>>): string {
    const query = searchParamsOf(filters);
    for (const [name, value] of Object.entries(set)) query.set(name, value);
    return `${base}/customers/usagerecords?${query.toString()}`;
  }

  /** The pages of what matches, each from the same list; `CursorExpired` when that list is replaced meanwhile. */
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

    /** Everything that matches, as one page; begins again when the list changes between two pages. */
    async all(filters: UsageFilters = {}, signal?: AbortSignal): Promise<UsagePage> {
      for (let walk = 1; ; walk += 1) {
        try {
          return joinedPages(await walked(pages(filters, signal)));
        } catch (error) {
          const isChanged = error instanceof UsageApiError && error.failure.code === 'CursorExpired';
          if (!isChanged || walk === walksOfChangingList) throw error;
        }
      }
    },

    /** One customer's rows: two in a transition to the Azure plan. `CustomerNotFound` when there is none. */
    async customer(customerId: string, signal?: AbortSignal): Promise<UsagePage> {
      return get(`${base}/customers/usagerecords/${encodeURIComponent(customerId)}?view=flat`, isPage, signal);
    },

    /** Everything that matches, as the bytes of a CSV file: a BOM first, then UTF-8. */
    async csv(filters: UsageFilters = {}, signal?: AbortSignal): Promise<Uint8Array> {
      return exchange(listAddress(filters, { format: 'csv' }), { accept: 'text/csv' }, bytesOf, signal);
    },

    /** Totals by currency of what matches. */
    async summary(filters: UsageFilters = {}, signal?: AbortSignal): Promise<UsageSummary> {
      return get(`${base}/usagesummary?${searchParamsOf(filters).toString()}`, isSummary, signal);
    },

    /**
     * One step of polling: events since `location`, oldest first. Store the `location` it returns once the events are dealt with, and give
     * it to the next step, after `retryAfterMs`. Without one nothing is news yet.
     */
    async pollEvents({ location, threshold }: { location?: string; threshold?: number } = {}, signal?: AbortSignal) {
      const query = threshold === undefined ? '' : `?threshold=${threshold}`;
      const address = location ?? `${base}/budget-events${query}`;
      const read = async (response: Response) => ({
        events: response.status === 202 ? [] : await bodyOf(response, isEvents),
        location: response.headers.get('location') ?? address,
        retryAfterMs: parseRetryAfterMs(response) ?? 0,
      });
      return exchange(address, { accept: 'application/json' }, read, signal);
    },
  };
}

function searchParamsOf(filters: UsageFilters): URLSearchParams {
  if (filters instanceof URLSearchParams) return new URLSearchParams(filters);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) query.set(name, String(value));
  return query;
}

async function walked(pages: AsyncIterable<UsagePage>): Promise<UsagePage[]> {
  const all: UsagePage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

function joinedPages(pages: readonly UsagePage[]): UsagePage {
  const [first] = pages;
  if (first === undefined) throw new UsageApiError('there is no page', { code: 'NotUnderstood' });
  const { totalCount, snapshot } = first;
  return { value: pages.flatMap((page) => page.value), totalCount, snapshot };
}

/** A 304 says with `Last-Modified` when the same data was confirmed; its state and reason are those of the kept answer. */
function withNewAge<T extends Dated>(body: T, response: Response): T {
  const confirmed = Date.parse(response.headers.get('last-modified') ?? '');
  if (Number.isNaN(confirmed) || confirmed <= Date.parse(body.snapshot.fetchedAt)) return body;
  return { ...body, snapshot: { ...body.snapshot, fetchedAt: new Date(confirmed).toISOString() } };
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function bodyOf<T>(response: Response, isExpected: Guard<T>): Promise<T> {
  const body = jsonOf(await response.text());
  if (isExpected(body)) return body;
  const type = response.headers.get('content-type') ?? 'no content type';
  const message = `what answers is not the usage service (${response.status}, ${type})`;
  throw new UsageApiError(message, { code: 'NotUnderstood', status: response.status });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text, withExactAmounts);
  } catch {
    return undefined;
  }
}

/** True for the members that are an Amount here and a number in JSON. */
export function isAmount(name: string): boolean {
  return amountNames.has(name);
}

/** JSON.parse makes doubles of numbers; `source` is the number as it was written. */
function withExactAmounts(name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return isAmount(name) && typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

async function refusalOf(response: Response): Promise<UsageApiError> {
  const { status, headers } = response;
  const problem = membersOf(jsonOf(await response.text()));
  const code = textOf(problem['code']) ?? headers.get('x-ms-error-code') ?? `Http${status}`;
  const message = textOf(problem['detail']) ?? textOf(problem['title']) ?? `the service answered ${status}`;
  const reason = textOf(problem['reason']);
  const retryAfterMs = parseRetryAfterMs(response);
  const requestId = headers.get('x-ms-request-id');
  return new UsageApiError(message, {
    code,
    status,
    ...(isListOf(problem['errors'], isMistake) && { errors: problem['errors'] }),
    ...(reason !== undefined && { reason }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(requestId !== null && { requestId }),
  });
}

function parseRetryAfterMs(response: Response): number | undefined {
  const seconds = response.headers.get('retry-after') ?? '';
  return /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

function isPage(body: unknown): body is UsagePage {
  const { value, totalCount, snapshot } = membersOf(body);
  return Array.isArray(value) && typeof totalCount === 'number' && isSnapshotInfo(snapshot);
}

function isSummary(body: unknown): body is UsageSummary {
  const { value, withoutCurrencyCode, snapshot } = membersOf(body);
  return Array.isArray(value) && Array.isArray(withoutCurrencyCode) && isSnapshotInfo(snapshot);
}

function isSnapshotInfo(body: unknown): body is SnapshotInfo {
  const { fetchedAt, state } = membersOf(body);
  return typeof fetchedAt === 'string' && typeof state === 'string';
}

function isEvents(body: unknown): body is readonly BudgetEvent[] {
  return isListOf(body, (event): event is BudgetEvent => typeof membersOf(event)['id'] === 'string');
}

function isMistake(value: unknown): value is Mistake {
  const { parameter, detail } = membersOf(value);
  return typeof parameter === 'string' && typeof detail === 'string';
}

function isListOf<T>(value: unknown, isItem: Guard<T>): value is readonly T[] {
  return Array.isArray(value) && value.every((item) => isItem(item));
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
