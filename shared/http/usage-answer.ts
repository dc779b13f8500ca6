import type { Clock, YieldToEventLoop } from '../clock.ts';
import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { renderCsv } from '../views/csv.ts';
import { flatFields } from '../views/flat-fields.ts';
import { renderFlatJson } from '../views/flat-json.ts';
import { readFlatRows } from '../views/flat-row.ts';
import type { UsagePage } from '../query/page.ts';
import { canonicalRequest, mediaTypes } from '../query/parameters.ts';
import type { UsageQuery } from '../query/parameters.ts';
import { renderRecords } from '../views/records-json.ts';
import type { Answer, ApiRequest } from './message.ts';
import { buildCacheKey } from './responder.ts';
import { collectBody } from './collect-body.ts';
import { computeEtag } from './etag.ts';
import { buildRouteLink } from './message.ts';
import type { Representation, Responder } from './responder.ts';
import { snapshotHeaders, snapshotMember } from './snapshot-headers.ts';

/** A request for usage records, with what it is answered from. */
type UsageRequest = {
  readonly request: ApiRequest;
  /** The route's resource. Two routes accept the same query and answer it differently, so it is part of the ETag. */
  readonly resource: 'list' | 'customer';
  readonly served: ServedSnapshot;
  readonly query: UsageQuery;
};

export type UsageAnswers = {
  /** The headers, ETag and cache key of the 200, before any row is read. */
  describe(asked: UsageRequest): Representation;
  /** The rows of the page in the view and format asked for. Throws what `Responder.send` throws. */
  answer(asked: UsageRequest, representation: Representation, page: UsagePage): Promise<Answer>;
};

export type UsageAnswersOptions = {
  readonly responder: Responder;
  readonly clock: Clock;
  readonly yieldToEventLoop: YieldToEventLoop;
  /** Age up to which a snapshot counts as fresh. */
  readonly freshMs: number;
  readonly budgetLimits: BudgetLimits;
  /** Scheme, host and path prefix of links; the request's own when it is not set. */
  readonly publicBaseUrl: string | undefined;
};

/** Answers with more rows are rendered one at a time, to limit the memory they use. */
const maxRowsRenderedAtOnce = 2000;

/** Answers with usage records, for the list and for one customer alike. */
export function createUsageAnswers(options: UsageAnswersOptions): UsageAnswers {
  const { responder, clock, yieldToEventLoop, freshMs, budgetLimits, publicBaseUrl } = options;
  const flatVariant = `flat ${budgetLimits.warningPercent} ${budgetLimits.overPercent}`;
  let lastLargeAnswer: Promise<unknown> = Promise.resolve();

  function describe({ request, resource, served, query }: UsageRequest): Representation {
    const canonical = canonicalRequest(query);
    // Flat rows depend on the limits too, which a setting may change under a snapshot.
    const variant = `${resource} ${query.format} ${query.view === 'full' ? 'full' : flatVariant}`;
    const etag = computeEtag(served, canonical, variant);
    const headers = snapshotHeaders(served, etag, clock(), freshMs);
    // Links in the body contain the request's host, so the host is part of the key.
    const address = buildRouteLink(request.url, publicBaseUrl, canonical);
    const cacheKey = buildCacheKey(served, address, variant);
    if (query.format === 'json')
      return { contentType: `${mediaTypes.json}; charset=utf-8`, headers, etag, served, cacheKey };
    const disposition = { 'content-disposition': `attachment; filename="${buildFileName(served)}"` };
    return {
      contentType: `${mediaTypes.csv}; charset=utf-8; header=present`,
      headers: { ...headers, ...disposition },
      etag,
      served,
      cacheKey,
    };
  }

  async function answer(asked: UsageRequest, representation: Representation, page: UsagePage): Promise<Answer> {
    const { request } = asked;
    const bodyless = responder.answerWithoutBody(request, representation);
    if (bodyless !== undefined) return bodyless;
    if (page.rows.length <= maxRowsRenderedAtOnce) return render(asked, representation, page);
    const answered = lastLargeAnswer.then(
      // The previous render may have cached this very body.
      () => responder.reuse(request, representation) ?? render(asked, representation, page),
    );
    lastLargeAnswer = answered.catch(() => undefined);
    return answered;
  }

  async function render(asked: UsageRequest, representation: Representation, page: UsagePage): Promise<Answer> {
    const { request, served, query } = asked;
    const nextLink = page.next && buildRouteLink(request.url, publicBaseUrl, canonicalRequest(page.next));
    const list = { served, query, page, budgetLimits, nextLink };
    const isCsv = query.format === 'csv';
    const pieces = isCsv ? renderUsageCsv(list) : renderUsageList(list);
    const body = await collectBody(pieces, responder.getMaxBytes(request), yieldToEventLoop);
    // CSV has no place for a link to the next page but the header (RFC 8288).
    const headers = isCsv && nextLink !== undefined ? { link: `<${nextLink}>; rel="next"` } : {};
    return responder.send(request, representation, { body, headers });
  }

  return { describe, answer };
}

type UsageList = Pick<UsageRequest, 'served' | 'query'> & {
  readonly page: UsagePage;
  readonly budgetLimits: BudgetLimits;
  readonly nextLink: string | undefined;
};

/** The list's envelope around the page's rows, in pieces. */
export function* renderUsageList({
  served,
  query,
  page,
  budgetLimits,
  nextLink,
}: UsageList): Iterable<string | Buffer> {
  const { rows, totalCount } = page;
  const tail = { totalCount, snapshot: snapshotMember(served), ...(nextLink === undefined ? {} : { nextLink }) };
  yield '{"value":[';
  if (query.view === 'full') yield* renderRecords(served.snapshot, rows);
  else yield* renderFlatJson(readFlatRows(served.snapshot, rows, budgetLimits), query.select ?? flatFields);
  yield `],${JSON.stringify(tail).slice(1)}`;
}

function renderUsageCsv({ served, query, page, budgetLimits }: UsageList): Iterable<string> {
  const rows = readFlatRows(served.snapshot, page.rows, budgetLimits);
  return renderCsv(rows, query.select ?? flatFields, query.csvSeparator);
}

/** `usage-2026-11-20261120T020000Z.csv`, by the data's month and fetch time. */
function buildFileName({ info }: ServedSnapshot): string {
  const fetchedAt = new Date(info.fetchedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `usage-${info.period}-${fetchedAt}.csv`;
}
