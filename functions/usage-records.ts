import type { OperationContext } from '../shared/context.ts';
import { listAcceptedFormats } from '../shared/http/negotiation.ts';
import { rememberByUrl } from '../shared/http/remember.ts';
import type { ServedSnapshot, SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import { isCursorExpired } from '../shared/query/cursor.ts';
import { parseUsageQuery } from '../shared/query/parse.ts';
import type { UsageQuery } from '../shared/query/parameters.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** `GET /api/customers/usagerecords`: the records that match, page by page. */
export const usageRecords: HttpFunction = {
  name: 'usage-records',
  route: 'customers/usagerecords',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ snapshots, answerUsage, clock }) {
    const readQuery = rememberByUrl(({ url, headers }) =>
      parseUsageQuery(url.searchParams, { now: clock(), acceptedFormats: listAcceptedFormats(headers) }),
    );

    return async function answerUsageRecords(request) {
      const query = readQuery(request);
      const served = await getSnapshotFor(query, snapshots, request.context);
      return answerUsage({ request, resource: 'list', served, query });
    };
  },
};

/** Another instance may have published the cursor's snapshot, so the pointer is read again before the cursor counts as expired. */
async function getSnapshotFor(
  query: UsageQuery,
  snapshots: SnapshotReader,
  context: OperationContext,
): Promise<ServedSnapshot> {
  const served = await snapshots.getOrRefresh(context);
  if (query.cursor === undefined || !isCursorExpired(query.cursor, served.info.contentHash)) return served;
  return snapshots.getRevalidated(context);
}
