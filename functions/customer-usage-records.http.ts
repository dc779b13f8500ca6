import type { Clock } from '../shared/clock.ts';
import { CustomerNotFoundError } from '../shared/errors.ts';
import { acceptedTypeOf } from '../shared/http/accept.ts';
import type { Route } from '../shared/http/handler.ts';
import { jsonType, usageAnswer } from '../shared/http/usage-answer.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';
import { canonicalRequest } from '../shared/usage/query.ts';
import { selectRows } from '../shared/usage/select.ts';

export type CustomerUsageRecordsDeps = {
  readonly snapshots: Pick<SnapshotReader, 'read'>;
  readonly clock: Clock;
  readonly freshMs: number;
};

/** `GET /api/customers/usagerecords/{customerId}`: the rows of one customer, which may be two, in the list's envelope. */
export function createCustomerUsageRecordsRoute({ snapshots, clock, freshMs }: CustomerUsageRecordsDeps): Route {
  return async function customerUsageRecords({ url, params, headers, call }) {
    const asked = parseUsageQuery(url.searchParams, clock(), ['api-version', 'view', 'format']);
    if (!url.searchParams.has('format')) acceptedTypeOf(headers, [jsonType]);
    const query = { ...asked, customerId: [customerIdOf(params['customerId'] ?? '')] };
    const served = await snapshots.read(call);
    return usageAnswer({
      headers,
      served,
      request: canonicalRequest(query),
      now: clock(),
      freshMs,
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
