import { NotAcceptableError } from '../errors.ts';
import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../usage/budget-status.ts';
import { csvOf } from '../usage/csv.ts';
import { flatFields } from '../usage/flat-fields.ts';
import { createFlatJson, flatRowsOf } from '../usage/flat-row.ts';
import { joinRecords } from '../usage/joined-records.ts';
import { canonicalRequest } from '../usage/query.ts';
import type { Format, UsageQuery } from '../usage/query.ts';
import { likedTypeOf } from './accept.ts';
import { bodyAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { etagOf, isNotModified, isSameAnswer } from './conditional.ts';
import type { HeaderReader } from './correlation.ts';
import { snapshotHeaders, snapshotMember } from './snapshot-headers.ts';

/** The media type of `format=json`. */
export const jsonType = 'application/json';
const csvType = 'text/csv';

/** The rows of one answer: positions in the snapshot, how many matched before paging, and where the next page is. */
type UsageRows = {
  readonly rows: Uint32Array;
  readonly totalCount: number;
  readonly nextLink: string | undefined;
};

export type UsageAnswerOptions = {
  readonly headers: HeaderReader;
  readonly served: ServedSnapshot;
  /** What was asked: with the snapshot it makes the ETag. */
  readonly query: UsageQuery;
  readonly now: number;
  readonly freshMs: number;
  readonly budgetLimits: BudgetLimits;
  /** Finds the rows, or throws when there is no answer. Not asked when the caller names the ETag: that 304 touches no row. */
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
export function usageAnswer(options: UsageAnswerOptions): Answer {
  const { headers, served, query, now, freshMs } = options;
  const etag = etagOf(served, canonicalRequest(query), representationOf(options));
  const common = snapshotHeaders(served, etag, now, freshMs);
  if (isSameAnswer(headers, etag)) return { status: 304, headers: common };
  const found = options.select();
  if (isNotModified(headers, served)) return { status: 304, headers: common };
  return query.format === 'csv' ? csvAnswer(options, found, common) : envelopeAnswer(options, found, common);
}

/** Flat rows depend on the limits too, which a setting may change under a snapshot. */
function representationOf({ query: { view, format }, budgetLimits }: UsageAnswerOptions): string {
  const { warningPercent, overPercent } = budgetLimits;
  return view === 'full' ? 'json' : `${format} flat ${warningPercent} ${overPercent}`;
}

type Headers = Readonly<Record<string, string>>;
type FlatOptions = Pick<UsageAnswerOptions, 'served' | 'query' | 'budgetLimits'>;

/** The list's envelope, around Partner Center's own bytes or around flat rows. */
function envelopeAnswer(options: FlatOptions, { rows, totalCount, nextLink }: UsageRows, headers: Headers): Answer {
  const { served, query } = options;
  const tail = { totalCount, snapshot: snapshotMember(served), ...(nextLink === undefined ? {} : { nextLink }) };
  const value = query.view === 'full' ? joinRecords(served.snapshot, rows) : flatRecords(options, rows);
  const body = Buffer.concat([Buffer.from('{"value":['), value, Buffer.from(`],${JSON.stringify(tail).slice(1)}`)]);
  return bodyAnswer(200, `${jsonType}; charset=utf-8`, body, headers);
}

function flatRecords({ served, query, budgetLimits }: FlatOptions, rows: Uint32Array): Buffer {
  const flatRows = flatRowsOf(served.snapshot, rows, budgetLimits);
  return Buffer.from(Array.from(flatRows, createFlatJson(query.select ?? flatFields)).join(','));
}

/** A file to save, named by the data's month and fetch time; a page of it links to the next (RFC 8288). */
function csvAnswer(options: FlatOptions, { rows, nextLink }: UsageRows, headers: Headers): Answer {
  const { served, query, budgetLimits } = options;
  const flatRows = flatRowsOf(served.snapshot, rows, budgetLimits);
  const body = csvOf(flatRows, query.select ?? flatFields, query.csvSeparator);
  return bodyAnswer(200, `${csvType}; charset=utf-8; header=present`, body, {
    ...headers,
    'content-disposition': `attachment; filename="${fileNameOf(served)}"`,
    ...(nextLink === undefined ? {} : { link: `<${nextLink}>; rel="next"` }),
  });
}

/** `usage-2026-11-20261120T020000Z.csv` */
function fileNameOf({ info }: ServedSnapshot): string {
  const fetchedAt = new Date(info.fetchedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `usage-${info.period}-${fetchedAt}.csv`;
}
