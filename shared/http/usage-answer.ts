import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../usage/budget-status.ts';
import { csvOf } from '../usage/csv.ts';
import { flatFields } from '../usage/flat-fields.ts';
import { createFlatJson, flatRowsOf } from '../usage/flat-row.ts';
import { joinRecords } from '../usage/joined-records.ts';
import { canonicalRequest } from '../usage/query.ts';
import type { Format, UsageQuery } from '../usage/query.ts';
import { acceptedTypeOf } from './accept.ts';
import { bodyAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { etagOf, isNotModified } from './conditional.ts';
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
  /** Asked only when the caller's copy no longer stands: a 304 touches no row. */
  readonly select: () => UsageRows;
};

/** The format of `available` that `Accept` likes best, JSON where it does not care. Throws NotAcceptableError. */
export function acceptedFormatOf(headers: HeaderReader, available: readonly Format[]): Format {
  const types = available.map((format) => (format === 'csv' ? csvType : jsonType));
  return acceptedTypeOf(headers, types) === csvType ? 'csv' : 'json';
}

/** The rows in the view and format asked for, or 304 when the caller holds them already. */
export function usageAnswer(options: UsageAnswerOptions): Answer {
  const { headers, served, query, now, freshMs } = options;
  const etag = etagOf(served, canonicalRequest(query), representationOf(options));
  const common = snapshotHeaders(served, etag, now, freshMs);
  if (isNotModified(headers, etag, served)) return { status: 304, headers: common };
  return query.format === 'csv' ? csvAnswer(options, common) : envelopeAnswer(options, common);
}

/** Flat rows depend on the limits too, which a setting may change under a snapshot. */
function representationOf({ query: { view, format }, budgetLimits }: UsageAnswerOptions): string {
  const { warningPercent, overPercent } = budgetLimits;
  return view === 'full' ? 'json' : `${format} flat ${warningPercent} ${overPercent}`;
}

type Headers = Readonly<Record<string, string>>;

/** The list's envelope, around Partner Center's own bytes or around flat rows. */
function envelopeAnswer({ served, query, budgetLimits, select }: UsageAnswerOptions, headers: Headers): Answer {
  const { rows, totalCount, nextLink } = select();
  const tail = { totalCount, snapshot: snapshotMember(served), ...(nextLink === undefined ? {} : { nextLink }) };
  const value =
    query.view === 'full' ? joinRecords(served.snapshot, rows) : flatRecords({ served, query, budgetLimits }, rows);
  const body = Buffer.concat([Buffer.from('{"value":['), value, Buffer.from(`],${JSON.stringify(tail).slice(1)}`)]);
  return bodyAnswer(200, `${jsonType}; charset=utf-8`, body, headers);
}

type FlatOptions = Pick<UsageAnswerOptions, 'served' | 'query' | 'budgetLimits'>;

function flatRecords({ served, query, budgetLimits }: FlatOptions, rows: Uint32Array): Buffer {
  const flatRows = flatRowsOf(served.snapshot, rows, budgetLimits);
  return Buffer.from(Array.from(flatRows, createFlatJson(query.select ?? flatFields)).join(','));
}

/** A file to save, named by the data's month and fetch time; a page of it links to the next (RFC 8288). */
function csvAnswer({ served, query, budgetLimits, select }: UsageAnswerOptions, headers: Headers): Answer {
  const { rows, nextLink } = select();
  const flatRows = flatRowsOf(served.snapshot, rows, budgetLimits);
  const body = csvOf(flatRows, query.select ?? flatFields, query.csvSeparator ?? 'comma');
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
