import { RefusedError } from '../shared/errors.ts';
import { jsonAnswer } from '../shared/http/message.ts';
import { snapshotMember } from '../shared/http/representation.ts';
import { parseUsageQuery } from '../shared/query/usage-query.ts';
import type { HttpFunction } from './http-function.ts';

const lookAgainAfterSeconds = 10;

/**
 * `POST /api/refresh`: asks Partner Center now. A refresh that failed is a 503, not a 200 that a flow would pass over: its
 * Retry-After is the end of the back-off, when trying again is of use. A body is not read.
 */
export const refresh: HttpFunction = {
  name: 'refresh',
  route: 'refresh',
  methods: ['POST'],
  access: 'Usage.Refresh',
  // The outcome is waited for 100 s.
  deadlineMs: 115_000,
  createHandler: ({ refreshOnDemand, snapshots, clock }) =>
    async function answerRefresh(request) {
      const { url, context } = request;
      parseUsageQuery(url.searchParams, { now: clock(), known: ['api-version'] });
      const outcome = await refreshOnDemand(context);
      if (outcome.kind === 'running') {
        const location = request.linkToSibling('health/ready');
        const headers = { location, 'retry-after': String(lookAgainAfterSeconds) };
        return jsonAnswer(202, { outcome: 'running' }, headers);
      }
      // Load the new snapshot now, so this instance serves it next; an error says the age of the newest one.
      await snapshots.revalidate(context);
      switch (outcome.kind) {
        case 'published':
        case 'unchanged': {
          const snapshot = snapshotMember({ info: outcome.info, state: 'fresh', reason: undefined });
          return jsonAnswer(200, { outcome: outcome.kind, snapshot });
        }
        case 'too-soon':
          throw new RefusedError({ kind: 'RefreshTooSoon', retryAfterMs: outcome.retryAfterMs });
        case 'failed': {
          const { code: reason, retryAfterMs } = outcome;
          throw new RefusedError({ kind: 'RefreshFailed', reason, retryAfterMs });
        }
      }
    },
};
