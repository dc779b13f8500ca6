import { createContentAnswer } from '../shared/http/content-answer.ts';
import { nextLinkOf } from '../shared/http/next-link.ts';
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
export async function answerCandidates(records: number): Promise<Candidate[]> {
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
  const { signal } = new AbortController();
  const call = { log: () => undefined, signal, correlationId: '' };
  const contentAnswer = createContentAnswer({ keptBytes: 32 * 1024 * 1024, uncompressedBytes: 8 * 1024 * 1024 });
  const answer = (text: string, headers: Headers) => {
    const url = new URL(`https://usage.example/api/customers/usagerecords?${text}`);
    const query = parseUsageQuery(url.searchParams, now);
    return usageAnswer({
      apiRequest: { method: 'GET', headers, call },
      contentAnswer,
      served,
      resource: 'list',
      query,
      address: nextLinkOf(url, undefined, canonicalRequest(query)),
      now,
      freshMs: 5_400_000,
      budgetLimits: { warningPercent: 80, overPercent: 100 },
      select: () => ({ ...pageOf(snapshot, served.info.contentHash, query), nextLink: undefined }),
    });
  };
  const page = 'hasBudget=true&maxpagesize=50';
  const first = await answer(page, new Headers());
  const known = new Headers({ 'if-none-match': first.headers['etag'] ?? '' });
  const gzip = new Headers({ 'accept-encoding': 'gzip' });
  return [
    { name: 'a 50-row page: query, rows, headers', times: 20, run: () => answer(page, new Headers()) },
    { name: 'the same gzipped, kept', times: 20, run: () => answer(page, gzip) },
    { name: '304: query, ETag, headers, no row', times: 20, run: () => answer(page, known) },
  ];
}
