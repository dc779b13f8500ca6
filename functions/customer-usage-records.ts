import { RefusedError } from '../shared/errors.ts';
import { listAcceptedFormats } from '../shared/http/negotiation.ts';
import { parseUsageQuery } from '../shared/query/parse.ts';
import { customerParameters } from '../shared/query/select.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** `GET /api/customers/usagerecords/{customerId}`: the rows of one customer, which may be two, in the list's envelope. */
export const customerUsageRecords: HttpFunction = {
  name: 'customer-usage-records',
  route: 'customers/usagerecords/{customerId:guid}',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler: ({ snapshots, responder, usageAnswers, selectPage, clock }) =>
    async function answerCustomerUsageRecords(request) {
      const { url, params, headers, context } = request;
      const acceptedFormats = listAcceptedFormats(headers);
      const filters = parseUsageQuery(url.searchParams, { now: clock(), known: customerParameters, acceptedFormats });
      const query = { ...filters, maxpagesize: undefined, customerId: [parseCustomerId(params['customerId'] ?? '')] };
      const served = await snapshots.getOrRefresh(context);
      const usageRequest = { request, resource: 'customer', served, query } as const;
      const representation = usageAnswers.describe(usageRequest);
      const reused = responder.reuse(request, representation);
      if (reused !== undefined) return reused;
      const page = await selectPage(served.snapshot, served.info.contentHash, query);
      if (page.totalCount === 0) throw new RefusedError({ kind: 'CustomerNotFound' });
      return usageAnswers.answer(usageRequest, representation, page);
    },
};

/** The host's `guid` constraint lets every form pass that .NET knows; rows are known by the dashed one. */
function parseCustomerId(routeValue: string): string {
  const digits = routeValue.toLowerCase().replaceAll(/0x|[^0-9a-f]/g, '');
  if (digits.length !== 32) throw new RefusedError({ kind: 'CustomerNotFound' });
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
