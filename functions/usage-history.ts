import { formatDay, getDayBefore, listDays, listMonths } from '../shared/days.ts';
import { DependencyError } from '../shared/errors.ts';
import type { OperationContext } from '../shared/context.ts';
import { chooseRows } from '../shared/history/choose-rows.ts';
import type { ChosenRows } from '../shared/history/choose-rows.ts';
import type { RowDay } from '../shared/history/month-lines.ts';
import { collectSeries, createPoints, pointColumns } from '../shared/history/points.ts';
import { formatHistoryQuery, parseHistoryQuery, resolveRange } from '../shared/history/query.ts';
import type { HistoryQuery } from '../shared/history/query.ts';
import { renderHistoryJson } from '../shared/http/history-body.ts';
import { createUrlCache } from '../shared/http/cache.ts';
import type { Answer, ApiRequest } from '../shared/http/message.ts';
import { contentTypes, listAcceptedFormats } from '../shared/http/negotiation.ts';
import type { StoredMonth } from '../shared/daily-figures/block-reader.ts';
import { createRunAlone } from '../shared/run-alone.ts';
import { textAt } from '../shared/snapshot/columns.ts';
import type { UsageSnapshot } from '../shared/snapshot/snapshot.ts';
import { renderCsv } from '../shared/views/csv.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** Answers with more points are made one at a time, to limit the memory they use. */
const maxPointsMadeAtOnce = 2000;
/** A month is replaced once a day, or by an operator. */
const maxTries = 3;

/** `GET /api/usagehistory`: one point a day for up to 50 customers, from the history and, for its own day, from the snapshot. */
export const usageHistory: HttpFunction = {
  name: 'usage-history',
  route: 'usagehistory',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ snapshots, dailyFigures, representations, responder, clock }) {
    const queries = createUrlCache<HistoryQuery>();

    const makeAlone = createRunAlone();

    async function readRows(
      months: readonly StoredMonth[],
      { customerIds, isChosen }: ChosenRows,
      context: OperationContext,
    ) {
      const rowDays: RowDay[] = [];
      for (const month of months) {
        const read = await dailyFigures.readRows(month, customerIds, context);
        if (read === 'changed') return read;
        rowDays.push(...read.filter(({ row }) => isChosen(row)));
      }
      return rowDays;
    }

    /** `changed` when a month was replaced meanwhile: the ETag is that of the month before. */
    async function tryAnswer(request: ApiRequest, query: HistoryQuery): Promise<Answer | 'changed'> {
      const { context } = request;
      const range = resolveRange(query, clock());
      const served = await snapshots.getOrRefresh(context);
      const { fetchedAt } = served.info;
      // The cost of the first day needs the day before.
      const monthNames = listMonths(listDays(getDayBefore(range.from), range.to));
      const months = await dailyFigures.getMonths(monthNames, fetchedAt, context);
      const representation = representations.add({ ...range }, served, {
        contentType: contentTypes[query.format],
        query: formatHistoryQuery(query, range),
        variant: ['history', query.format, formatDay(fetchedAt), ...months.map(({ etag }) => etag)].join(' '),
        ...(query.format === 'csv' && { headers: { 'content-disposition': nameFile(range) } }),
      });
      const reused = responder.reuse(request, representation);
      if (reused !== undefined) return reused;
      const snapshot = await served.snapshot.scan();
      const chosen = chooseRows(snapshot, query, formatDay(fetchedAt));
      const bodyless = responder.answerWithoutBody(request, representation);
      if (bodyless !== undefined) return bodyless;
      const dates = listDays(range.from, range.to);

      async function makeAnswer(): Promise<Answer | 'changed'> {
        const read = await readRows(months, chosen, context);
        if (read === 'changed') return read;
        const series = collectSeries([...chosen.current, ...read]);
        const points = createPoints(series, range, createNameLookup(snapshot, chosen.customerIds));
        const totalCount = series.length * dates.length;
        const pieces =
          query.format === 'csv'
            ? renderCsv(points, pointColumns, query.csvSeparator)
            : renderHistoryJson({ ...range, points, totalCount, served });
        return responder.send(request, representation, { pieces });
      }

      if (chosen.customerIds.size * dates.length <= maxPointsMadeAtOnce) return makeAnswer();
      const { signal } = context;
      return makeAlone(async () => {
        if (signal.aborted) throw new DependencyError('StorageUnavailable', 'earlier answers took too long');
        // The previous answer may have cached this very body.
        return responder.reuse(request, representation) ?? makeAnswer();
      });
    }

    return async function answerUsageHistory(request) {
      const query = queries.get(request) ?? queries.set(request, readQuery(request, clock()));
      for (let tries = 0; tries < maxTries; tries += 1) {
        const answer = await tryAnswer(request, query);
        if (answer !== 'changed') return answer;
      }
      throw new DependencyError('StorageUnavailable', 'the history keeps changing', {
        details: { reason: 'conflict' },
      });
    };
  },
};

function readQuery({ url, headers }: ApiRequest, now: number): HistoryQuery {
  return parseHistoryQuery(url.searchParams, { now, acceptedFormats: listAcceptedFormats(headers) });
}

/** The names of customers as the snapshot has them; `''` for one that it does not have. */
function createNameLookup({ customerIds, customerNames }: UsageSnapshot, wanted: ReadonlySet<string>) {
  const names = new Map<string, string>();
  for (const [row, id] of customerIds.entries()) if (wanted.has(id)) names.set(id, textAt(customerNames, row));
  return (customerId: string): string => names.get(customerId) ?? '';
}

function nameFile({ from, to }: { readonly from: string; readonly to: string }): string {
  return `attachment; filename="usage-history-${from}-${to}.csv"`;
}
