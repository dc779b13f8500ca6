import { NotAcceptableError } from '../errors.ts';
import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../usage/budget-status.ts';
import { csvOf } from '../usage/csv.ts';
import { flatFields } from '../usage/flat-fields.ts';
import { createFlatJson, flatRowsOf } from '../usage/flat-row.ts';
import { joinedBytes, joinRecords } from '../usage/joined-records.ts';
import { canonicalRequest } from '../usage/query.ts';
import type { Format, UsageQuery } from '../usage/query.ts';
import { jsonType, likedTypeOf } from './accept.ts';
import type { Answer } from './answer.ts';
import { etagOf, isNotModified, isSameAnswer } from './conditional.ts';
import { readyContent } from './content-answer.ts';
import type { Content, ContentAnswer } from './content-answer.ts';
import type { HeaderReader } from './correlation.ts';
import type { ApiRequest } from './handler.ts';
import { keptUnder } from './kept-answers.ts';
import { snapshotHeaders, snapshotMember } from './snapshot-headers.ts';

const csvType = 'text/csv';

/** The rows of one answer: positions in the snapshot, how many matched before paging, and where the next page is. */
type UsageRows = {
  readonly rows: Uint32Array;
  readonly totalCount: number;
  readonly nextLink: string | undefined;
};

export type UsageAnswerOptions = {
  readonly apiRequest: Pick<ApiRequest, 'method' | 'headers' | 'call'>;
  readonly contentAnswer: ContentAnswer;
  readonly served: ServedSnapshot;
  /** The route: with the same query the two answer differently, and one of them with 404. */
  readonly resource: 'list' | 'customer';
  /** What was asked: with the snapshot it makes the ETag. */
  readonly query: UsageQuery;
  /** The absolute address that the request's canonical text makes: with the snapshot it says where the answer is kept. */
  readonly address: string;
  readonly now: number;
  readonly freshMs: number;
  readonly budgetLimits: BudgetLimits;
  /**
   * Finds the rows, or throws when there is no answer. Not asked when the caller names the ETag, nor when the answer is kept and is no
   * page of CSV: neither touches a row.
   */
  readonly select: () => UsageRows;
};

/** The format of `available` that `Accept` likes best, JSON where it does not care; an error, to be thrown in time, when none. */
export function acceptedFormatOf(headers: HeaderReader, available: readonly Format[]): Format | NotAcceptableError {
  const types = available.map((format) => (format === 'csv' ? csvType : jsonType));
  const liked = likedTypeOf(headers, types);
  if (liked === undefined) return new NotAcceptableError(types);
  return liked === csvType ? 'csv' : 'json';
}

/** The rows in the view and format asked for, or 304 when the caller holds them already. */
export async function usageAnswer(options: UsageAnswerOptions): Promise<Answer> {
  const { apiRequest, contentAnswer, served, query, address, now, freshMs, select } = options;
  const representation = representationOf(options);
  const etag = etagOf(served, canonicalRequest(query), representation);
  const headers = snapshotHeaders(served, etag, now, freshMs);
  const notModified = { status: 304, headers };
  if (isSameAnswer(apiRequest.headers, etag)) return notModified;
  if (isNotModified(apiRequest.headers, served)) {
    select();
    return notModified;
  }
  const under = keptUnder(served, address, representation);
  if (query.format === 'csv') return csvAnswer(options, headers, under);
  const content = () => envelopeOf(options, select());
  return contentAnswer({ apiRequest, contentType: `${jsonType}; charset=utf-8`, headers, under, content });
}

/** Flat rows depend on the limits too, which a setting may change under a snapshot. */
function representationOf({ resource, query: { view, format }, budgetLimits }: UsageAnswerOptions): string {
  const { warningPercent, overPercent } = budgetLimits;
  return `${resource} ${view === 'full' ? 'json' : `${format} flat ${warningPercent} ${overPercent}`}`;
}

/** The list's envelope, around Partner Center's own bytes or around flat rows. */
export function envelopeOf(
  { served, query, budgetLimits }: Pick<UsageAnswerOptions, 'served' | 'query' | 'budgetLimits'>,
  { rows, totalCount, nextLink }: UsageRows,
): Content {
  const tail = { totalCount, snapshot: snapshotMember(served), ...(nextLink === undefined ? {} : { nextLink }) };
  const start = Buffer.from('{"value":[');
  const end = Buffer.from(`],${JSON.stringify(tail).slice(1)}`);
  if (query.view === 'full') {
    return {
      byteLength: start.length + joinedBytes(served.snapshot, rows) + end.length,
      bytes: () => Buffer.concat([start, joinRecords(served.snapshot, rows), end]),
    };
  }
  const flatRows = flatRowsOf(served.snapshot, rows, budgetLimits);
  const records = Array.from(flatRows, createFlatJson(query.select ?? flatFields)).join(',');
  return readyContent(Buffer.concat([start, Buffer.from(records), end]));
}

type KeptPlace = ReturnType<typeof keptUnder>;

/** A file to save, named by the data's month and fetch time; a page of it links to the next (RFC 8288). */
async function csvAnswer(
  options: UsageAnswerOptions,
  headers: Readonly<Record<string, string>>,
  under: KeptPlace,
): Promise<Answer> {
  const { apiRequest, contentAnswer, served, query, budgetLimits, select } = options;
  // A kept body knows no link, so a page finds its rows again; writing them is what costs.
  const page = query.maxpagesize === undefined ? undefined : select();
  return contentAnswer({
    apiRequest,
    contentType: `${csvType}; charset=utf-8; header=present`,
    headers: {
      ...headers,
      'content-disposition': `attachment; filename="${fileNameOf(served)}"`,
      ...(page?.nextLink === undefined ? {} : { link: `<${page.nextLink}>; rel="next"` }),
    },
    under,
    content: () => {
      const { rows } = page ?? select();
      const flatRows = flatRowsOf(served.snapshot, rows, budgetLimits);
      return readyContent(csvOf(flatRows, query.select ?? flatFields, query.csvSeparator));
    },
  });
}

/** `usage-2026-11-20261120T020000Z.csv` */
function fileNameOf({ info }: ServedSnapshot): string {
  const fetchedAt = new Date(info.fetchedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `usage-${info.period}-${fetchedAt}.csv`;
}
