import { jsonType, requireType } from '../shared/http/negotiation.ts';
import { rememberByUrl } from '../shared/http/remember.ts';
import { summaryBody } from '../shared/http/summary-body.ts';
import { parseUsageQuery } from '../shared/query/parse.ts';
import { summaryParameters, selectRows } from '../shared/query/select.ts';
import { canonicalRequest } from '../shared/query/parameters.ts';
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
  createHandler({ findSource, responder, describe, clock, yieldToEventLoop, budgetLimits }) {
    const variant = `summary ${budgetLimits.warningPercent} ${budgetLimits.overPercent}`;
    const readQuery = rememberByUrl(({ url, headers }) => {
      const query = parseUsageQuery(url.searchParams, { now: clock(), known: summaryParameters });
      requireType(headers, [jsonType]);
      return query;
    });

    return async function answerUsageSummary(request) {
      const query = readQuery(request);
      const { source, withRows } = await findSource(query, request.context);
      const representation = describe(query, source, () => ({
        contentType: `${jsonType}; charset=utf-8`,
        query: canonicalRequest(query),
        variant,
      }));
      const reused = responder.reuse(request, representation);
      if (reused !== undefined) return reused;
      return withRows(async (served) => {
        // A kept list that is lost is a 404 for HEAD too.
        const bodyless = responder.answerWithoutBody(request, representation);
        if (bodyless !== undefined) return bodyless;
        const rows = selectRows(served.snapshot, query);
        const summary = createUsageSummary(served.snapshot, budgetLimits);
        for (let start = 0; start < rows.length; start += rowsPerTurn) {
          summary.add(rows.subarray(start, start + rowsPerTurn));
          await yieldToEventLoop();
        }
        return responder.send(request, representation, { pieces: [summaryBody(summary.build(), served)] });
      });
    };
  },
};
