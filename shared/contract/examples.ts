import { settingsSchema } from '../settings.ts';
import { renderFlatList, renderRecordList } from '../http/usage-answer.ts';
import { snapshotMember } from '../http/representation.ts';
import { summaryBody } from '../http/summary-body.ts';
import { describeSnapshot } from '../refresh/publish.ts';
import type { ServedSnapshot } from '../reading/snapshot-reader.ts';
import { findCrossings } from '../budget-events/crossings.ts';
import { emptyEventLog, extendEventLog, joinEvents, parseEventLog } from '../budget-events/event-log.ts';
import { createEventParameters, listEventsSince, parseEventQuery } from '../budget-events/query.ts';
import { chooseRows } from '../history/choose-rows.ts';
import { collectSeries, createPoints } from '../history/points.ts';
import { parseHistoryQuery } from '../history/query.ts';
import { renderHistoryJson } from '../http/history-body.ts';
import { assessHealth, liveness } from '../views/health.ts';
import { selectRows } from '../query/select.ts';
import { emptyPointer } from '../snapshot/pointer.ts';
import { parseUsageQuery } from '../query/usage-query.ts';
import { runToCompletion } from '../turns.ts';
import { parseSnapshot, toStoredSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { createUsageSummary } from '../views/summary.ts';

/** The answer to a request over the documented records, its numbers with all their digits (exact-json.ts). */
type Example = { readonly request: string; readonly value: unknown };

const { shape } = settingsSchema;
const budgetLimits = {
  warningPercent: shape.USAGE_WARNING_PERCENT.parse(undefined),
  overPercent: shape.USAGE_OVER_PERCENT.parse(undefined),
};
const thresholds = shape.USAGE_EVENT_THRESHOLDS.parse(undefined);
const fetchedAt = Date.parse('2026-11-20T12:00:00Z');
const customerId = '11111111-641b-4c53-b7fc-0f2bfca8a581';

/** The examples of each operation by its id, from the code that answers requests. */
export function createExamples(baseUrl: string): Readonly<Record<string, readonly Example[]>> {
  const snapshot = parseSnapshot(Buffer.from(`${documentedRecords}\n`));
  const unknown = { totalCount: undefined, requestId: undefined, correlationId: undefined };
  const info = describeSnapshot({ ...unknown, snapshot }, 'accepted', fetchedAt);
  const served: ServedSnapshot = { snapshot: toStoredSnapshot(snapshot), info, state: 'fresh', reason: undefined };
  const limits = { freshMs: Infinity, staleMs: Infinity, degradedMs: Infinity, refreshIntervalMs: Infinity };
  const pointer = { ...emptyPointer, snapshot: info, refreshTokenIssuedAt: fetchedAt };

  const summary = createUsageSummary(snapshot, budgetLimits);
  summary.add(selectRows(snapshot, {}));

  function renderListBody(search: string): string {
    const query = parseUsageQuery(new URLSearchParams(search), { now: fetchedAt });
    const rows = selectRows(snapshot, query);
    const page = { rows, totalCount: rows.length, next: undefined };
    const list = { served, query, page, budgetLimits, nextLink: undefined };
    return [...(query.view === 'full' ? renderRecordList(list) : renderFlatList(list, snapshot))].join('');
  }

  return {
    ListUsageRecords: ['?hasBudget=true', '?view=flat&hasBudget=true'].map((search) =>
      toExample(`GET /api/customers/usagerecords${search}`, renderListBody(search)),
    ),
    GetCustomerUsageRecords: ['', '?view=flat'].map((search) =>
      toExample(
        `GET /api/customers/usagerecords/${customerId}${search}`,
        renderListBody(`${search}&customerId=${customerId}`),
      ),
    ),
    GetUsageSummary: [toExample('GET /api/usagesummary', summaryBody(summary.build(), served))],
    GetUsageHistory: [
      toExample(`GET /api/usagehistory?customerId=${customerId}&from=2026-11-20`, renderHistoryBody(served, snapshot)),
    ],
    WhenBudgetCrossed: [
      toExample('GET /api/budget-events?kind=budgetThreshold', renderEventsBody(snapshot, info.period, baseUrl)),
    ],
    RefreshUsage: [
      toExample('POST /api/refresh', JSON.stringify({ outcome: 'unchanged', snapshot: snapshotMember(served) })),
    ],
    GetHealthLive: [toExample('GET /api/health/live', JSON.stringify(liveness))],
    GetHealthReady: [toExample('GET /api/health/ready', JSON.stringify(assessHealth(pointer, fetchedAt, limits)))],
  };
}

function toExample(request: string, body: Buffer | string): Example {
  return { request, value: parseExactJson(String(body)) };
}

/** The history of a customer whose first list is today's. */
function renderHistoryBody(served: ServedSnapshot, snapshot: UsageSnapshot): string {
  const today = '2026-11-20';
  const search = new URLSearchParams(`customerId=${customerId}&from=${today}`);
  const query = parseHistoryQuery(search, { now: fetchedAt, acceptedFormats: ['json'] });
  const series = collectSeries(chooseRows(snapshot, query, today).current);
  const points = [...createPoints(series, { from: today, to: today }, () => 'Modern Azure Customer UK')];
  return [...renderHistoryJson({ from: today, to: today, points, totalCount: points.length, served })].join('');
}

/** The events that a first list of the month brings. */
function renderEventsBody(snapshot: UsageSnapshot, period: string, baseUrl: string): Buffer {
  const { events } = runToCompletion(
    findCrossings({
      next: snapshot,
      last: parseSnapshot(Buffer.alloc(0)),
      known: new Map(),
      period,
      lastPeriod: period,
      isComplete: true,
      hasCost: true,
      fetchedAt,
      lastFetchedAt: 0,
      thresholds,
      budgetLimits,
    }),
  );
  const extended = extendEventLog(emptyEventLog, events, { fetchedAt, lastFetchedAt: 0 });
  const log = parseEventLog(extended?.lines ?? Buffer.alloc(0));
  const query = parseEventQuery(new URLSearchParams('kind=budgetThreshold'), createEventParameters(thresholds));
  return joinEvents(log, listEventsSince(log, 0, query).events, `${baseUrl}/customers/usagerecords`);
}

/** The value of a JSON text. Numbers become opaque objects that JSON.stringify writes with the same digits. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? JSON.rawJSON(String(context?.source)) : value,
  );
}

/**
 * The records of the documented response as NDJSON, with dates in November.
 * Source: Partner Center REST, "Get usage records for all customers".
 */
const documentedRecords = [
  '{"budget":{"attributes":{"objectType":"SpendingBudget"}},"customerSpendingBudget":{"attributes":{"objectType":"SpendingBudget"}},"percentUsed":0,"isUpgraded":false,"resourceId":"11111111-1843-4b3b-872f-206e08a08e51","id":"11111111-1843-4b3b-872f-206e08a08e51","resourceName":"LEGACY AZURE CUSTOMER SE","name":"LEGACY AZURE CUSTOMER SE","totalCost":0,"currencyLocale":"fr-FR","usdTotalCost":0,"lastModifiedDate":"2026-11-01T03:00:16.57+00:00","attributes":{"objectType":"CustomerMonthlyUsageRecord"}}',
  '{"budget":{"amount":20,"attributes":{"objectType":"SpendingBudget"}},"percentUsed":602.84,"isUpgraded":true,"resourceId":"11111111-6fb9-4b05-8f15-b3d72e0596e6","id":"11111111-6fb9-4b05-8f15-b3d72e0596e6","resourceName":"Modern Azure Customer SE","name":"Modern Azure Customer SE","totalCost":120.5682999999995904716,"currencyCode":"SEK","usdTotalCost":12.39999999999999985235,"lastModifiedDate":"2026-11-20T05:08:11.1433333+00:00","attributes":{"objectType":"CustomerMonthlyUsageRecord"}}',
  '{"budget":{"attributes":{"objectType":"SpendingBudget"}},"percentUsed":0,"isUpgraded":true,"resourceId":"11111111-5892-4326-8541-9da1fdb233fb","id":"11111111-5892-4326-8541-9da1fdb233fb","resourceName":"Test_Test_MA20190829_14","name":"Test_Test_MA20190829_14","totalCost":0,"currencyCode":"GBP","usdTotalCost":0,"lastModifiedDate":"2026-11-20T05:08:11.1433333+00:00","attributes":{"objectType":"CustomerMonthlyUsageRecord"}}',
  '{"budget":{"amount":97,"attributes":{"objectType":"SpendingBudget"}},"percentUsed":28.08,"isUpgraded":true,"resourceId":"11111111-641b-4c53-b7fc-0f2bfca8a581","id":"11111111-641b-4c53-b7fc-0f2bfca8a581","resourceName":"Modern Azure Customer UK","name":"Modern Azure Customer UK","totalCost":27.23292827625710931604,"currencyCode":"GBP","usdTotalCost":33.280000000000001044,"lastModifiedDate":"2026-11-20T05:08:11.1433333+00:00","attributes":{"objectType":"CustomerMonthlyUsageRecord"}}',
].join('\n');
