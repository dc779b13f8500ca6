import type { Clock } from '../shared/clock.ts';
import { customerParameters } from '../shared/contract/parameters.ts';
import { CustomerNotFoundError } from '../shared/errors.ts';
import type { ContentAnswer } from '../shared/http/content-answer.ts';
import type { Route } from '../shared/http/handler.ts';
import { nextLinkOf } from '../shared/http/next-link.ts';
import { acceptedFormatOf, usageAnswer } from '../shared/http/usage-answer.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../shared/usage/budget-status.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';
import { canonicalRequest } from '../shared/usage/query.ts';
import { selectRows } from '../shared/usage/select.ts';

export type CustomerUsageRecordsDeps = {
  readonly snapshots: Pick<SnapshotReader, 'read'>;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly budgetLimits: BudgetLimits;
  readonly contentAnswer: ContentAnswer;
};

/** `GET /api/customers/usagerecords/{customerId}`: the rows of one customer, which may be two, in the list's envelope. */
export function createCustomerUsageRecordsRoute(deps: CustomerUsageRecordsDeps): Route {
  const { snapshots, clock, freshMs, budgetLimits, contentAnswer } = deps;

  return async function customerUsageRecords(apiRequest) {
    const { url, params, headers, call } = apiRequest;
    const asked = parseUsageQuery(url.searchParams, clock(), customerParameters, (formats) =>
      acceptedFormatOf(headers, formats),
    );
    const query = { ...asked, customerId: [customerIdOf(params['customerId'] ?? '')] };
    const served = await snapshots.read(call);
    return usageAnswer({
      apiRequest,
      contentAnswer,
      served,
      resource: 'customer',
      query,
      address: nextLinkOf(url, undefined, canonicalRequest(query)),
      now: clock(),
      freshMs,
      budgetLimits,
      select: () => {
        const rows = selectRows(served.snapshot, query);
        if (rows.length === 0) throw new CustomerNotFoundError();
        return { rows, totalCount: rows.length, nextLink: undefined };
      },
    });
  };
}

/** The host's `guid` constraint lets every form pass that .NET knows; rows are known by the dashed one. */
function customerIdOf(routeValue: string): string {
  const digits = routeValue.toLowerCase().replaceAll(/0x|[^0-9a-f]/g, '');
  if (digits.length !== 32) throw new CustomerNotFoundError();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
