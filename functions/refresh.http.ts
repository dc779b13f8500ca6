import type { Clock } from '../shared/clock.ts';
import { jsonAnswer } from '../shared/http/answer.ts';
import type { Route } from '../shared/http/handler.ts';
import { siblingLinkOf } from '../shared/http/next-link.ts';
import { snapshotMember } from '../shared/http/snapshot-headers.ts';
import type { RefreshOnDemand } from '../shared/refresh/on-demand.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';

export type RefreshDeps = {
  readonly refreshOnDemand: RefreshOnDemand;
  readonly snapshots: Pick<SnapshotReader, 'recheck'>;
  readonly clock: Clock;
  /** Scheme, host and path prefix of links; the request's own when it is not set. */
  readonly publicBaseUrl: string | undefined;
};

const lookAgainAfterSeconds = 10;
const noStore = { 'cache-control': 'no-store' } as const;

/**
 * `POST /api/refresh`: asks Partner Center now. A refresh that failed is a 503, not a 200 that a flow would pass over: its
 * Retry-After is the end of the back-off, when trying again is of use. A body is not read.
 */
export function createRefreshRoute({ refreshOnDemand, snapshots, clock, publicBaseUrl }: RefreshDeps): Route {
  return async function refreshUsage({ url, call, answerProblem }) {
    parseUsageQuery(url.searchParams, clock(), ['api-version']);
    const outcome = await refreshOnDemand(call);
    switch (outcome.kind) {
      case 'published':
      case 'unchanged': {
        // So that the caller, who reads next, finds here what was promised.
        await snapshots.recheck(call);
        const snapshot = snapshotMember({ info: outcome.info, state: 'fresh', reason: undefined });
        return jsonAnswer(200, { outcome: outcome.kind, snapshot }, noStore);
      }
      case 'running': {
        const location = siblingLinkOf(url, publicBaseUrl, 'health/ready');
        const headers = { ...noStore, location, 'retry-after': String(lookAgainAfterSeconds) };
        return jsonAnswer(202, { outcome: 'running' }, headers);
      }
      case 'too-soon':
        await snapshots.recheck(call);
        return answerProblem({ code: 'RefreshTooSoon', retryAfterMs: outcome.retryAfterMs });
      case 'failed':
        await snapshots.recheck(call);
        return answerProblem({ code: 'RefreshFailed', reason: outcome.code, retryAfterMs: outcome.retryAfterMs });
    }
  };
}
