import { createUrlCache } from '../shared/http/cache.ts';
import type { Answer, ApiRequest } from '../shared/http/message.ts';
import { contentTypes, jsonType, requireType } from '../shared/http/negotiation.ts';
import type { Representation } from '../shared/http/representation.ts';
import { summaryBody } from '../shared/http/summary-body.ts';
import { formatQuery, parseUsageQuery } from '../shared/query/usage-query.ts';
import { summaryParameters, selectRows } from '../shared/query/select.ts';
import type { UsageQuery } from '../shared/query/parameters.ts';
import type { LoadedSource } from '../shared/reading/snapshot-source.ts';
import { createUsageSummary } from '../shared/views/summary.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** Adding this many rows takes a few milliseconds. */
const rowsPerTurn = 10_000;

/** `GET /api/usagesummary`: exact totals of the rows that match, currency by currency. */
export const usageSummary: HttpFunction = {
  name: 'usage-summary',
  route: 'usagesummary',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ findSource, responder, representations, clock, yieldToEventLoop, budgetLimits }) {
    const variant = `summary ${budgetLimits.warningPercent} ${budgetLimits.overPercent}`;
    const queries = createUrlCache<UsageQuery>();

    return async function answerUsageSummary(request) {
      const query = queries.get(request) ?? queries.set(request, readQuery(request, clock()));
      const source = await findSource(query, request.context);
      const representation =
        representations.find(query, source) ??
        representations.add(query, source, {
          contentType: contentTypes.json,
          query: formatQuery(query),
          variant,
        });
      const reused = responder.reuse(request, representation);
      if (reused !== undefined) return reused;
      if (!('kept' in source)) return sendSummary(source, query, request, representation);
      return source.withRows((served) => sendSummary(served, query, request, representation));
    };

    async function sendSummary(
      served: LoadedSource,
      query: UsageQuery,
      request: ApiRequest,
      representation: Representation,
    ): Promise<Answer> {
      // A kept list that is lost is a 404 for HEAD too.
      const bodyless = responder.answerWithoutBody(request, representation);
      if (bodyless !== undefined) return bodyless;
      const snapshot = await served.snapshot.scan();
      const rows = selectRows(snapshot, query);
      const summary = createUsageSummary(snapshot, budgetLimits);
      for (let start = 0; start < rows.length; start += rowsPerTurn) {
        summary.add(rows.subarray(start, start + rowsPerTurn));
        await yieldToEventLoop();
      }
      return responder.send(request, representation, { pieces: [summaryBody(summary.build(), served)] });
    }
  },
};

function readQuery({ url, headers }: ApiRequest, now: number): UsageQuery {
  const query = parseUsageQuery(url.searchParams, { now, known: summaryParameters });
  requireType(headers, [jsonType]);
  return query;
}
