import { createBudgetEventsRoute } from '../../functions/budget-events.http.ts';
import { createCustomerUsageRecordsRoute } from '../../functions/customer-usage-records.http.ts';
import { createDescriptionRoute } from '../../functions/description.http.ts';
import { createHealthLiveRoute } from '../../functions/health-live.http.ts';
import { createHealthReadyRoute } from '../../functions/health-ready.http.ts';
import { createRefreshRoute } from '../../functions/refresh.http.ts';
import { httpFunctions } from '../../functions/registration.ts';
import { createUsageRecordsRoute } from '../../functions/usage-records.http.ts';
import { createUsageSummaryRoute } from '../../functions/usage-summary.http.ts';
import { createWarmUsageCacheHandler } from '../../functions/warm-usage-cache.timer.ts';
import { openApiOf } from '../../shared/contract/openapi.ts';
import { swaggerOf } from '../../shared/contract/swagger.ts';
import { createAuthorise } from '../../shared/http/caller.ts';
import type { CallerAuth } from '../../shared/http/caller.ts';
import { createContentAnswer } from '../../shared/http/content-answer.ts';
import { createRunWithLog } from '../../shared/http/invocation-log.ts';
import { createRefreshOnDemand } from '../../shared/refresh/on-demand.ts';
import { createSnapshotReader } from '../../shared/refresh/snapshot-reader.ts';
import type { BudgetLimits } from '../../shared/usage/budget-status.ts';
import { createRefreshRig } from './refresh-rig.ts';
import { handlersOf } from './registered-functions.ts';

const hour = 3_600_000;
const limits = { freshMs: 1.5 * hour, staleMs: 24 * hour, degradedMs: 7 * 24 * hour };

type UsageFunctionsOptions = {
  readonly publicBaseUrl?: string;
  readonly rig?: ReturnType<typeof createRefreshRig>;
  readonly callerAuth?: CallerAuth;
  readonly uncompressedBytes?: number;
  readonly budgetLimits?: BudgetLimits;
};

/** The functions over the refresh protocol of a rig, and on its clock. */
export function createUsageFunctions(options: UsageFunctionsOptions = {}) {
  const { publicBaseUrl, rig = createRefreshRig(), callerAuth = 'key', uncompressedBytes = 1_000_000 } = options;
  const { clock, store } = rig.deps;
  const patience = Promise.withResolvers<void>();
  // No wait is over before what it waits for, but by `tire`.
  const sleep = () => patience.promise;
  const snapshots = createSnapshotReader({ ...rig.deps, refresh: rig.refresh, limits, sleep });
  const contentAnswer = createContentAnswer({ keptBytes: 1_000_000, uncompressedBytes });
  const { budgetLimits = { warningPercent: 80, overPercent: 100 } } = options;
  const usage = { snapshots, clock, freshMs: limits.freshMs, budgetLimits, publicBaseUrl, contentAnswer };
  const refreshOnDemand = createRefreshOnDemand({ refresh: rig.refresh, store, sleep });
  const service = { callerAuth, thresholds: rig.deps.thresholds, routes: httpFunctions };
  const described = { service, clock, publicBaseUrl, contentAnswer };
  const runWithLog = createRunWithLog(clock);
  const functions = {
    http: {
      'usage-records': createUsageRecordsRoute(usage),
      'customer-usage-records': createCustomerUsageRecordsRoute(usage),
      'budget-events': createBudgetEventsRoute({ ...rig.deps, ...usage }),
      'usage-summary': createUsageSummaryRoute(usage),
      refresh: createRefreshRoute({ refreshOnDemand, snapshots, clock, publicBaseUrl }),
      'health-live': createHealthLiveRoute(),
      'health-ready': createHealthReadyRoute({ snapshots, clock, limits: { ...limits, refreshIntervalMs: hour } }),
      openapi: createDescriptionRoute({ ...described, describer: async () => openApiOf }),
      swagger: createDescriptionRoute({ ...described, describer: async () => swaggerOf }),
    },
    callerAuth,
    authorise: createAuthorise(callerAuth),
    held: () => snapshots.held(),
    clock,
    runWithLog,
    warmUsageCache: { schedule: '0 */5 * * * *', handler: createWarmUsageCacheHandler(rig.refresh, runWithLog) },
  };
  const handlerOf = handlersOf(functions);
  return {
    rig,
    functions,
    handlerOf,
    list: handlerOf('usage-records'),
    customer: handlerOf('customer-usage-records'),
    summary: handlerOf('usage-summary'),
    ready: handlerOf('health-ready'),
    live: handlerOf('health-live'),
    refreshNow: handlerOf('refresh'),
    timer: functions.warmUsageCache.handler,
    tire: patience.resolve,
    refresh: async () => rig.refresh('timer', rig.log.call),
  };
}
