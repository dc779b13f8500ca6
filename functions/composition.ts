import type { TimerHandler } from '@azure/functions';
import { readFreshnessLimits } from '../shared/settings.ts';
import type { Settings } from '../shared/settings.ts';
import { createAuthorise } from '../shared/http/caller.ts';
import type { Authorise, CallerAuth } from '../shared/http/caller.ts';
import type { RequestHandler } from '../shared/http/handler.ts';
import { createInvocationLogs } from '../shared/http/invocation-log.ts';
import type { InvocationLogs } from '../shared/http/invocation-log.ts';
import { createGetAgeHeaders, createRepresentations } from '../shared/http/representation.ts';
import { createResponder } from '../shared/http/responder.ts';
import { createAnswerUsage } from '../shared/http/usage-answer.ts';
import { createEventLogLoader, createSnapshotLoader } from '../shared/stored-data/load-blobs.ts';
import { createDailyFiguresReader } from '../shared/daily-figures/daily-figures-reader.ts';
import { createKeptListIndexReader } from '../shared/reading/kept-list-index.ts';
import { createKeptListLoader } from '../shared/reading/kept-list-loader.ts';
import { createRefreshOnDemand } from '../shared/refresh/on-demand.ts';
import { createKeptListReader } from '../shared/reading/kept-list-reader.ts';
import { createRefreshFigures } from '../shared/daily-figures/refresh-figures.ts';
import { createRefresh } from '../shared/refresh/refresh.ts';
import { createSnapshotReader } from '../shared/reading/snapshot-reader.ts';
import type { SnapshotStatus } from '../shared/reading/snapshot-reader.ts';
import { createFindSource } from '../shared/reading/snapshot-source.ts';
import type { Adapters } from './adapters.ts';
import type { HttpFunction } from './http-function.ts';
import { httpFunctions } from './http-functions.ts';
import { createPreloadSnapshot } from './preload-snapshot.ts';
import { createWarmUsageCacheHandler } from './warm-usage-cache.ts';

/** What the registered functions use. */
export type App = {
  readonly callerAuth: CallerAuth;
  readonly authorise: Authorise;
  readonly logs: InvocationLogs;
  readonly getSnapshotStatus: () => SnapshotStatus | undefined;
  /** Scheme, host and path prefix of links; the request's own when it is not set. */
  readonly publicBaseUrl: string | undefined;
  createHandler(definition: HttpFunction): RequestHandler;
  readonly warmUsageCache: { readonly schedule: string; readonly handler: TimerHandler };
  /** Loads what the first request needs. Call it once the functions are registered; it never rejects. */
  preload(): Promise<void>;
};

const megabyte = 1024 * 1024;

/** What the functions share, once per process. */
export type AppParts = ReturnType<typeof createParts>;

/** Creates every part once. */
function createParts(settings: Settings, adapters: Adapters) {
  const { store, months, lease, source, tokens, clock, random, sleep, yieldToEventLoop } = adapters;
  const loadSnapshot = createSnapshotLoader({ store, sleep, yieldToEventLoop });
  const loadEventLog = createEventLogLoader(store);
  const thresholds = settings.USAGE_EVENT_THRESHOLDS;
  const budgetLimits = { warningPercent: settings.USAGE_WARNING_PERCENT, overPercent: settings.USAGE_OVER_PERCENT };
  const limits = {
    ...readFreshnessLimits(settings),
    refreshIntervalMs: settings.USAGE_REFRESH_INTERVAL_MINUTES * 60_000,
  };
  const refresh = createRefresh({
    store,
    lease,
    source,
    tokens,
    loadSnapshot,
    loadEventLog,
    dailyFigures: createRefreshFigures({ store, months, clock, yieldToEventLoop }),
    thresholds,
    budgetLimits,
    jumpFloors: { budgetPercent: settings.USAGE_JUMP_BUDGET_PERCENT, usd: settings.USAGE_JUMP_USD },
    clock,
    random,
    yieldToEventLoop,
    intervalMs: limits.refreshIntervalMs,
    acceptedBlob: settings.USAGE_ACCEPT_QUARANTINED,
  });
  const snapshots = createSnapshotReader({ store, loadSnapshot, refresh, clock, sleep, limits });
  const responder = createResponder({
    cacheBytes: settings.USAGE_KEPT_ANSWERS_MB * megabyte,
    uncompressedBytes: settings.USAGE_MAX_UNCOMPRESSED_MB * megabyte,
    yieldToEventLoop,
  });
  const loadKeptList = createKeptListLoader({
    store,
    yieldToEventLoop,
    maxLists: settings.USAGE_HISTORY_LISTS,
    maxBytes: settings.USAGE_HISTORY_MB * megabyte,
  });
  const keptLists = createKeptListReader({ index: createKeptListIndexReader(store, clock), loadKeptList });
  const getAgeHeaders = createGetAgeHeaders(clock, limits.freshMs);
  const representations = createRepresentations(getAgeHeaders);
  return {
    refresh,
    snapshots,
    preloadSnapshot: createPreloadSnapshot({ store, loadSnapshot, yieldToEventLoop }),
    dailyFigures: createDailyFiguresReader({
      months,
      yieldToEventLoop,
      cacheBytes: settings.USAGE_DAILY_FIGURES_MB * megabyte,
    }),
    findSource: createFindSource({ snapshots, keptLists, clock }),
    refreshOnDemand: createRefreshOnDemand({ refresh, store, sleep }),
    loadEventLog,
    answerUsage: createAnswerUsage({ responder, representations, yieldToEventLoop, budgetLimits }),
    representations,
    getAgeHeaders,
    responder,
    clock,
    yieldToEventLoop,
    limits,
    budgetLimits,
    /** What OpenAPI and Swagger describe. */
    service: { callerAuth: settings.CALLER_AUTH, thresholds, routes: httpFunctions },
  };
}

/** The app over its adapters. */
export function composeApp(settings: Settings, adapters: Adapters): App {
  const parts = createParts(settings, adapters);
  const logs = createInvocationLogs(adapters.clock);
  return {
    callerAuth: settings.CALLER_AUTH,
    authorise: createAuthorise(settings.CALLER_AUTH),
    logs,
    getSnapshotStatus: () => parts.snapshots.getSnapshotStatus(),
    publicBaseUrl: settings.PUBLIC_BASE_URL,
    createHandler: (definition) => definition.createHandler(parts),
    warmUsageCache: {
      schedule: settings.USAGE_REFRESH_SCHEDULE,
      handler: createWarmUsageCacheHandler({ ...parts, logs }),
    },
    preload: parts.preloadSnapshot,
  };
}
