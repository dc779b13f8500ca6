import { listAcceptedFormats } from '../shared/http/negotiation.ts';
import { rememberByUrl } from '../shared/http/remember.ts';
import { parseUsageQuery } from '../shared/query/parse.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** `GET /api/customers/usagerecords`: the records that match, page by page. */
export const usageRecords: HttpFunction = {
  name: 'usage-records',
  route: 'customers/usagerecords',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ findSource, answerUsage, clock }) {
    const readQuery = rememberByUrl(({ url, headers }) =>
      parseUsageQuery(url.searchParams, { now: clock(), acceptedFormats: listAcceptedFormats(headers) }),
    );

    return async function answerUsageRecords(request) {
      const query = readQuery(request);
      const found = await findSource(query, request.context);
      return answerUsage({ request, resource: 'list', query, ...found });
    };
  },
};
