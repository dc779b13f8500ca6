import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import { joinedBytes, joinRecords } from '../usage/joined-records.ts';
import type { Answer } from './answer.ts';
import { etagOf, isNotModified, isSameAnswer } from './conditional.ts';
import type { Content, ContentAnswer } from './content-answer.ts';
import type { ApiRequest } from './handler.ts';
import { keptUnder } from './kept-answers.ts';
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
  readonly apiRequest: ApiRequest;
  readonly contentAnswer: ContentAnswer;
  readonly served: ServedSnapshot;
  /** The canonical text of what was asked: with the snapshot it makes the ETag. */
  readonly request: string;
  /** The absolute address that the request's canonical text makes: with the snapshot it says where the answer is kept. */
  readonly address: string;
  readonly now: number;
  readonly freshMs: number;
  /**
   * Finds the rows, or throws when there is no answer. Not asked when the caller names the ETag, nor when the answer is kept: neither
   * touches a row.
   */
  readonly select: () => UsageRows;
};

/** The list's envelope around Partner Center's own bytes, or 304 when the caller holds it already. */
export async function usageAnswer(options: UsageAnswerOptions): Promise<Answer> {
  const { apiRequest, contentAnswer, served, request, address, now, freshMs, select } = options;
  const etag = etagOf(served, request, 'json');
  const headers = snapshotHeaders(served, etag, now, freshMs);
  const notModified = { status: 304, headers };
  if (isSameAnswer(apiRequest.headers, etag)) return notModified;
  if (isNotModified(apiRequest.headers, served)) {
    select();
    return notModified;
  }
  return contentAnswer({
    apiRequest,
    contentType: `${jsonType}; charset=utf-8`,
    headers,
    under: keptUnder(served, address, 'json'),
    content: () => envelopeOf(served, select()),
  });
}

function envelopeOf(served: ServedSnapshot, { rows, totalCount, nextLink }: UsageRows): Content {
  const tail = { totalCount, snapshot: snapshotMember(served), ...(nextLink === undefined ? {} : { nextLink }) };
  const start = Buffer.from('{"value":[');
  const end = Buffer.from(`],${JSON.stringify(tail).slice(1)}`);
  return {
    byteLength: start.length + joinedBytes(served.snapshot, rows) + end.length,
    bytes: () => Buffer.concat([start, joinRecords(served.snapshot, rows), end]),
  };
}
