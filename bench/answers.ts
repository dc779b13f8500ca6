import { usageAnswer } from '../shared/http/usage-answer.ts';
import type { ServedSnapshot } from '../shared/refresh/snapshot-reader.ts';
import { pageOf } from '../shared/usage/page.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';
import { canonicalRequest } from '../shared/usage/query.ts';
import { usageBody } from './records.ts';
import { snapshotOf } from './core.ts';
import type { Candidate } from './rounds.ts';

const now = Date.UTC(2026, 10, 20);

/** What a request costs in process from its query to its answer, over one body of `records`; to be added to a list whose first is the unit. */
export function answerCandidates(records: number): Candidate[] {
  const snapshot = snapshotOf(usageBody({ records }));
  const served: ServedSnapshot = {
    snapshot,
    state: 'fresh',
    reason: undefined,
    info: {
      blob: '',
      contentHash: '0'.repeat(64),
      period: '2026-11',
      fetchedAt: now,
      recordCount: snapshot.count,
      upgradedCount: 0,
      hasCost: true,
      upstreamTotalCount: null,
      upstreamRequestId: null,
      upstreamCorrelationId: null,
      gate: 'accepted',
      eventsBlob: null,
    },
  };
  const answer = (text: string, headers: Headers) => {
    const query = parseUsageQuery(new URLSearchParams(text), now);
    return usageAnswer({
      headers,
      served,
      request: canonicalRequest(query),
      now,
      freshMs: 5_400_000,
      select: () => ({ ...pageOf(snapshot, served.info.contentHash, query), nextLink: undefined }),
    });
  };
  const page = 'hasBudget=true&maxpagesize=50';
  const known = new Headers({ 'if-none-match': answer(page, new Headers()).headers['etag'] ?? '' });
  return [
    { name: 'a 50-row page: query, rows, headers', times: 20, run: () => answer(page, new Headers()) },
    { name: '304: query, ETag, headers, no row', times: 20, run: () => answer(page, known) },
  ];
}
