import type { Call } from '../shared/call.ts';
import type { Clock } from '../shared/clock.ts';
import type { ContentAnswer } from '../shared/http/content-answer.ts';
import type { Route } from '../shared/http/handler.ts';
import { nextLinkOf } from '../shared/http/next-link.ts';
import { acceptedFormatOf, usageAnswer } from '../shared/http/usage-answer.ts';
import type { ServedSnapshot, SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../shared/usage/budget-status.ts';
import { isOfSnapshot } from '../shared/usage/cursor.ts';
import { pageOf } from '../shared/usage/page.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';
import { canonicalRequest } from '../shared/usage/query.ts';
import type { UsageQuery } from '../shared/usage/query.ts';

export type UsageRecordsDeps = {
  readonly snapshots: Pick<SnapshotReader, 'read' | 'readLatest'>;
  readonly clock: Clock;
  /** Age up to which a snapshot counts as fresh. */
  readonly freshMs: number;
  readonly budgetLimits: BudgetLimits;
  /** Scheme, host and path prefix of links; the request's own when it is not set. */
  readonly publicBaseUrl: string | undefined;
  readonly contentAnswer: ContentAnswer;
};

/** `GET /api/customers/usagerecords`: the records that match, page by page. */
export function createUsageRecordsRoute(deps: UsageRecordsDeps): Route {
  const { snapshots, clock, freshMs, budgetLimits, publicBaseUrl, contentAnswer } = deps;

  return async function usageRecords(apiRequest) {
    const { url, headers, call } = apiRequest;
    const query = parseUsageQuery(url.searchParams, clock(), undefined, (formats) =>
      acceptedFormatOf(headers, formats),
    );
    const served = await snapshotFor(query, snapshots, call);
    return usageAnswer({
      apiRequest,
      contentAnswer,
      served,
      resource: 'list',
      query,
      address: nextLinkOf(url, publicBaseUrl, canonicalRequest(query)),
      now: clock(),
      freshMs,
      budgetLimits,
      select: () => {
        const { rows, totalCount, next } = pageOf(served.snapshot, served.info.contentHash, query);
        return { rows, totalCount, nextLink: next && nextLinkOf(url, publicBaseUrl, canonicalRequest(next)) };
      },
    });
  };
}

/** A cursor may be of a snapshot this process has yet to hear of, so the pointer is asked before it counts as expired. */
async function snapshotFor(
  { cursor }: UsageQuery,
  snapshots: UsageRecordsDeps['snapshots'],
  call: Call,
): Promise<ServedSnapshot> {
  const served = await snapshots.read(call);
  if (cursor === undefined || isOfSnapshot(cursor, served.info.contentHash)) return served;
  return snapshots.readLatest(call);
}
