import { createUrlCache } from '../shared/http/cache.ts';
import { listAcceptedFormats } from '../shared/http/negotiation.ts';
import { parseUsageQuery } from '../shared/query/usage-query.ts';
import type { UsageQuery } from '../shared/query/parameters.ts';
import type { ApiRequest } from '../shared/http/message.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** `GET /api/customers/usagerecords`: the records that match, page by page. */
export const usageRecords: HttpFunction = {
  name: 'usage-records',
  route: 'customers/usagerecords',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ findSource, answerUsage, clock }) {
    const queries = createUrlCache<UsageQuery>();

    return async function answerUsageRecords(request) {
      const query = queries.get(request) ?? queries.set(request, readQuery(request, clock()));
      const source = await findSource(query, request.context);
      return answerUsage({ request, resource: 'list', query, source });
    };
  },
};

function readQuery({ url, headers }: ApiRequest, now: number): UsageQuery {
  return parseUsageQuery(url.searchParams, { now, acceptedFormats: listAcceptedFormats(headers) });
}
