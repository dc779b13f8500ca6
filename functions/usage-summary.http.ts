import type { Clock } from '../shared/clock.ts';
import { summaryParameters } from '../shared/contract/parameters.ts';
import { acceptedTypeOf, jsonType } from '../shared/http/accept.ts';
import { etagOf, isNotModified, isSameAnswer } from '../shared/http/conditional.ts';
import { readyContent } from '../shared/http/content-answer.ts';
import type { ContentAnswer } from '../shared/http/content-answer.ts';
import type { Route } from '../shared/http/handler.ts';
import { keptUnder } from '../shared/http/kept-answers.ts';
import { snapshotHeaders } from '../shared/http/snapshot-headers.ts';
import { summaryBody } from '../shared/http/summary-body.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../shared/usage/budget-status.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';
import { canonicalRequest } from '../shared/usage/query.ts';
import { selectRows } from '../shared/usage/select.ts';
import { summaryOf } from '../shared/usage/usage-summary.ts';

export type UsageSummaryDeps = {
  readonly snapshots: Pick<SnapshotReader, 'read'>;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly budgetLimits: BudgetLimits;
  readonly contentAnswer: ContentAnswer;
};

/** `GET /api/usagesummary`: exact totals of the rows that match, currency by currency. */
export function createUsageSummaryRoute(deps: UsageSummaryDeps): Route {
  const { snapshots, clock, freshMs, budgetLimits, contentAnswer } = deps;
  const representation = `summary ${budgetLimits.warningPercent} ${budgetLimits.overPercent}`;

  return async function usageSummary(apiRequest) {
    const { url, headers, call } = apiRequest;
    const query = parseUsageQuery(url.searchParams, clock(), summaryParameters);
    acceptedTypeOf(headers, [jsonType]);
    const served = await snapshots.read(call);
    const request = canonicalRequest(query);
    const etag = etagOf(served, request, representation);
    const common = snapshotHeaders(served, etag, clock(), freshMs);
    if (isSameAnswer(headers, etag) || isNotModified(headers, served)) return { status: 304, headers: common };
    return contentAnswer({
      apiRequest,
      contentType: `${jsonType}; charset=utf-8`,
      headers: common,
      under: keptUnder(served, request, representation),
      content: () => {
        const rows = selectRows(served.snapshot, query);
        return readyContent(summaryBody(summaryOf(served.snapshot, rows, budgetLimits), served));
      },
    });
  };
}
