import type { YieldToEventLoop } from '../clock.ts';
import { RefusedError } from '../errors.ts';
import { createSelectPage } from '../query/page.ts';
import type { UsagePage } from '../query/page.ts';
import type { UsageQuery } from '../query/parameters.ts';
import { formatQuery } from '../query/usage-query.ts';
import type { LoadedSource, SnapshotSource } from '../reading/snapshot-source.ts';
import { createRunAlone } from '../run-alone.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { renderFlatCsv } from '../views/flat-csv.ts';
import { flatFields, getFlatColumns } from '../views/flat-fields.ts';
import { renderFlatJson } from '../views/flat-json.ts';
import { readFlatRows } from '../views/flat-row.ts';
import { renderRecords } from '../views/records-json.ts';
import type { Answer, ApiRequest } from './message.ts';
import { contentTypes } from './negotiation.ts';
import { snapshotMember } from './representation.ts';
import type { Representation, Representations } from './representation.ts';
import type { Responder } from './responder.ts';

/** A request for usage records, and the source of its answer. */
type UsageRequest = {
  readonly request: ApiRequest;
  /** The route's resource. Two routes accept the same query and answer it differently, so it is part of the ETag. */
  readonly resource: 'list' | 'customer';
  readonly query: UsageQuery;
  readonly source: SnapshotSource;
};

/** Answers with one page of rows. Throws what `Responder.send` and `withRows` throw, and RefusedError `CursorExpired` or `CustomerNotFound`. */
export type AnswerUsage = (usageRequest: UsageRequest) => Answer | Promise<Answer>;

export type AnswerUsageOptions = {
  readonly responder: Responder;
  readonly representations: Representations;
  readonly yieldToEventLoop: YieldToEventLoop;
  readonly budgetLimits: BudgetLimits;
};

/** Answers with more rows are rendered one at a time, to limit the memory they use. */
const maxRowsRenderedAtOnce = 2000;

/** Answers with usage records, for the list and for one customer alike. */
export function createAnswerUsage(options: AnswerUsageOptions): AnswerUsage {
  const { responder, representations, yieldToEventLoop, budgetLimits } = options;
  const selectPage = createSelectPage(yieldToEventLoop);
  const flatVariant = `flat ${budgetLimits.warningPercent} ${budgetLimits.overPercent}`;
  const renderAlone = createRunAlone();

  return function answerUsage(usageRequest) {
    const { request, source, query } = usageRequest;
    const representation =
      representations.find(query, source) ?? representations.add(query, source, describeRepresentation(usageRequest));
    const reused = responder.reuse(request, representation);
    if (reused !== undefined) return reused;
    if (!('kept' in source)) return answerFrom(source, usageRequest, representation);
    return source.withRows((served) => answerFrom(served, usageRequest, representation));
  };

  async function answerFrom(
    served: LoadedSource,
    { request, resource, query }: UsageRequest,
    representation: Representation,
  ): Promise<Answer> {
    const page = await selectPage(served.snapshot, served.info.contentHash, query);
    if (resource === 'customer' && page.totalCount === 0) {
      throw new RefusedError({ kind: 'CustomerNotFound', asOf: query.asOf ?? query.period });
    }
    const bodyless = responder.answerWithoutBody(request, representation);
    if (bodyless !== undefined) return bodyless;
    if (page.rows.length <= maxRowsRenderedAtOnce) return render({ request, served, query, page }, representation);
    return renderAlone(
      // The previous render may have cached this very body.
      async () => responder.reuse(request, representation) ?? render({ request, served, query, page }, representation),
    );
  }

  function describeRepresentation({ request, resource, source, query }: UsageRequest) {
    const { format, view } = query;
    const canonical = formatQuery(query);
    return {
      contentType: contentTypes[format],
      query: canonical,
      // Flat rows depend on the limits too, which a setting may change while the snapshot stays the same.
      variant: `${resource} ${format} ${view === 'full' ? 'full' : flatVariant}`,
      address: request.linkToRoute(canonical),
      headers: format === 'csv' ? { 'content-disposition': `attachment; filename="${buildFileName(source)}"` } : {},
    };
  }

  async function render({ request, ...selected }: SelectedUsage, representation: Representation): Promise<Answer> {
    const { query, page } = selected;
    const nextLink = page.next && request.linkToRoute(formatQuery(page.next));
    const list = { ...selected, budgetLimits, nextLink };
    if (query.format === 'json' && query.view === 'full') {
      return responder.send(request, representation, { pieces: renderRecordList(list) });
    }
    const snapshot = await list.served.snapshot.scan();
    if (query.format === 'json') {
      return responder.send(request, representation, { pieces: renderFlatList(list, snapshot) });
    }
    // A CSV body cannot hold the link to the next page, so the header `Link` does (RFC 8288).
    const headers = nextLink === undefined ? {} : { link: `<${nextLink}>; rel="next"` };
    return responder.send(request, representation, { pieces: renderUsageCsv(list, snapshot), headers });
  }
}

/** A page of rows, and what it was selected from. */
type SelectedUsage = Pick<UsageRequest, 'request' | 'query'> & {
  readonly served: LoadedSource;
  readonly page: UsagePage;
};

type UsageList = Omit<SelectedUsage, 'request'> & {
  readonly budgetLimits: BudgetLimits;
  readonly nextLink: string | undefined;
};

/** The JSON of a page of records as Partner Center wrote them, in pieces. */
export function renderRecordList(list: UsageList): Iterable<string | Buffer> {
  return renderRecords(list.served.snapshot, list.page.rows, listStart, createListEnd(list));
}

/** The JSON of a page of flat rows, in pieces. */
export function renderFlatList(list: UsageList, snapshot: UsageSnapshot): Iterable<string | Buffer> {
  const { query, page, budgetLimits } = list;
  const flatRows = readFlatRows(snapshot, page.rows, budgetLimits);
  return renderFlatJson(flatRows, getFlatColumns(query.select ?? flatFields), listStart, createListEnd(list));
}

const listStart = '{"value":[';

function createListEnd({ served, page, nextLink }: UsageList): string {
  const tail = {
    totalCount: page.totalCount,
    snapshot: snapshotMember(served),
    ...(nextLink !== undefined && { nextLink }),
  };
  return `],${JSON.stringify(tail).slice(1)}`;
}

function renderUsageCsv({ query, page, budgetLimits }: UsageList, snapshot: UsageSnapshot): Iterable<string | Buffer> {
  const { select: fields = flatFields, csvSeparator: separator } = query;
  return renderFlatCsv(snapshot, page.rows, { fields, limits: budgetLimits, separator });
}

/** `usage-2026-11-20261120T020000Z.csv`, by the data's month and fetch time; for a kept list, by the day or month of the request. */
function buildFileName(source: SnapshotSource): string {
  if ('kept' in source) return `usage-${source.kept.asOf ?? source.kept.period}.csv`;
  const fetchedAt = new Date(source.info.fetchedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `usage-${source.info.period}-${fetchedAt}.csv`;
}
