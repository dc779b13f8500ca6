import type { Clock } from '../shared/clock.ts';
import { acceptedTypeOf } from '../shared/http/accept.ts';
import { etagOf, isNotModified, isSameAnswer } from '../shared/http/conditional.ts';
import type { Route } from '../shared/http/handler.ts';
import { snapshotHeaders } from '../shared/http/snapshot-headers.ts';
import { summaryAnswer } from '../shared/http/summary-answer.ts';
import { jsonType } from '../shared/http/usage-answer.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../shared/usage/budget-status.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';
import { canonicalRequest } from '../shared/usage/query.ts';
import { filterNames, selectRows } from '../shared/usage/select.ts';
import { summaryOf } from '../shared/usage/usage-summary.ts';

export type UsageSummaryDeps = {
  readonly snapshots: Pick<SnapshotReader, 'read'>;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly budgetLimits: BudgetLimits;
};

/** The parameters of `GET /api/usagesummary`: those of the list that choose rows. */
export const summaryParameters = ['api-version', ...filterNames] as const;

/** `GET /api/usagesummary`: exact totals of the rows that match, currency by currency. */
export function createUsageSummaryRoute({ snapshots, clock, freshMs, budgetLimits }: UsageSummaryDeps): Route {
  return async function usageSummary({ url, headers, call }) {
    const query = parseUsageQuery(url.searchParams, clock(), summaryParameters);
    acceptedTypeOf(headers, [jsonType]);
    const served = await snapshots.read(call);
    const { warningPercent, overPercent } = budgetLimits;
    const etag = etagOf(served, canonicalRequest(query), `summary ${warningPercent} ${overPercent}`);
    const common = snapshotHeaders(served, etag, clock(), freshMs);
    if (isSameAnswer(headers, etag) || isNotModified(headers, served)) return { status: 304, headers: common };
    const rows = selectRows(served.snapshot, query);
    return summaryAnswer(summaryOf(served.snapshot, rows, budgetLimits), served, common);
  };
}
