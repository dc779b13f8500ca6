import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import { joinRecords } from '../usage/joined-records.ts';
import { bodyAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { etagOf, isNotModified, isSameAnswer } from './conditional.ts';
import type { HeaderReader } from './correlation.ts';
import { snapshotHeaders, snapshotMember } from './snapshot-headers.ts';

/** The media type of `format=json`. */
export const jsonType = 'application/json';

/** The rows of one answer: positions in the snapshot, how many matched before paging, and where the next page is. */
type UsageRows = {
  readonly rows: Uint32Array;
  readonly totalCount: number;
  readonly nextLink: string | undefined;
};

export type UsageAnswerOptions = {
  readonly headers: HeaderReader;
  readonly served: ServedSnapshot;
  /** The canonical text of what was asked: with the snapshot it makes the ETag. */
  readonly request: string;
  readonly now: number;
  readonly freshMs: number;
  /** Finds the rows, or throws when there is no answer. Not asked when the caller names the ETag: that 304 touches no row. */
  readonly select: () => UsageRows;
};

/** The list's envelope around Partner Center's own bytes, or 304 when the caller holds it already. */
export function usageAnswer({ headers, served, request, now, freshMs, select }: UsageAnswerOptions): Answer {
  const etag = etagOf(served, request, 'json');
  const common = snapshotHeaders(served, etag, now, freshMs);
  if (isSameAnswer(headers, etag)) return { status: 304, headers: common };
  const { rows, totalCount, nextLink } = select();
  if (isNotModified(headers, served)) return { status: 304, headers: common };
  const tail = { totalCount, snapshot: snapshotMember(served), ...(nextLink === undefined ? {} : { nextLink }) };
  const body = Buffer.concat([
    Buffer.from('{"value":['),
    joinRecords(served.snapshot, rows),
    Buffer.from(`],${JSON.stringify(tail).slice(1)}`),
  ]);
  return bodyAnswer(200, `${jsonType}; charset=utf-8`, body, common);
}
