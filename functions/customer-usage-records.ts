import { RefusedError } from '../shared/errors.ts';
import { createUrlCache } from '../shared/http/cache.ts';
import type { ApiRequest } from '../shared/http/message.ts';
import { listAcceptedFormats } from '../shared/http/negotiation.ts';
import type { UsageQuery } from '../shared/query/parameters.ts';
import { parseUsageQuery } from '../shared/query/usage-query.ts';
import { customerParameters } from '../shared/query/select.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** `GET /api/customers/usagerecords/{customerId}`: the rows of one customer, which may be two, in the list's envelope. */
export const customerUsageRecords: HttpFunction = {
  name: 'customer-usage-records',
  route: 'customers/usagerecords/{customerId:guid}',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ findSource, answerUsage, clock }) {
    const queries = createUrlCache<UsageQuery>();

    return async function answerCustomerUsageRecords(request) {
      const query = queries.get(request) ?? queries.set(request, readQuery(request, clock()));
      const source = await findSource(query, request.context);
      return answerUsage({ request, resource: 'customer', query, source });
    };
  },
};

function readQuery({ url, params, headers }: ApiRequest, now: number): UsageQuery {
  const acceptedFormats = listAcceptedFormats(headers);
  const filters = parseUsageQuery(url.searchParams, { now, known: customerParameters, acceptedFormats });
  return { ...filters, maxpagesize: undefined, customerId: [parseCustomerId(params['customerId'] ?? '')] };
}

/** The host's `guid` constraint lets every form pass that .NET knows; rows are known by the dashed one. */
function parseCustomerId(routeValue: string): string {
  const digits = routeValue.toLowerCase().replaceAll(/0x|[^0-9a-f]/g, '');
  if (digits.length !== 32) throw new RefusedError({ kind: 'CustomerNotFound' });
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
