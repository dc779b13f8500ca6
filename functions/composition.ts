import type { TokenCredential } from '@azure/identity';
import { systemClock as clock, systemRandom as random, systemSleep as sleep } from '../shared/clock.ts';
import { settingsSchema, settingWarningsOf } from '../shared/config.ts';
import type { SettingProblem, Settings } from '../shared/config.ts';
import { createAuthorise } from '../shared/http/caller.ts';
import type { CallerAuth } from '../shared/http/caller.ts';
import { createContentAnswer } from '../shared/http/content-answer.ts';
import { createRunWithLog } from '../shared/http/invocation-log.ts';
import { createLazy } from '../shared/lazy.ts';
import { createRefreshOnDemand } from '../shared/refresh/on-demand.ts';
import { createEventLogLoader } from '../shared/refresh/event-log-loader.ts';
import { createRefresh } from '../shared/refresh/refresh.ts';
import { createSnapshotLoader } from '../shared/refresh/snapshot-loader.ts';
import { createSnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import { createRefreshLease } from '../shared/storage/refresh-lease.ts';
import { createBlobSnapshotStore } from '../shared/storage/snapshot-store.ts';
import { createUsageContainer } from '../shared/storage/usage-container.ts';
import { createBudgetEventsRoute } from './budget-events.http.ts';
import { createCustomerUsageRecordsRoute } from './customer-usage-records.http.ts';
import { createDescriptionRoute } from './description.http.ts';
import { createHealthLiveRoute } from './health-live.http.ts';
import { createHealthReadyRoute } from './health-ready.http.ts';
import { createMisconfigured } from './misconfigured.ts';
import { createRefreshRoute } from './refresh.http.ts';
import { httpFunctions } from './registration.ts';
import type { FunctionHandlers } from './registration.ts';
import type { Upstream } from './upstream.ts';
import { createUsageRecordsRoute } from './usage-records.http.ts';
import { createUsageSummaryRoute } from './usage-summary.http.ts';
import { createWarmUsageCacheHandler } from './warm-usage-cache.timer.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const megabyte = 1024 * 1024;

/** Loaded when first asked for: making the schemas of all answers would slow down every start. */
const openApiDescriber = createLazy(async () => (await import('../shared/contract/openapi.ts')).openApiOf);
const swaggerDescriber = createLazy(async () => (await import('../shared/contract/swagger.ts')).swaggerOf);

/** Every function over its real adapters. SDKs are loaded when first needed, and a read needs storage's alone. */
export function composeFunctions(settings: Settings): FunctionHandlers {
  const credential = createLazy(() => openCredential(settings));
  const upstream = createLazy(() => openUpstream(settings, credential));
  const container = createUsageContainer({
    storageUrl: settings.USAGE_STORAGE_URL,
    containerName: settings.USAGE_CONTAINER,
    credential,
  });
  const store = createBlobSnapshotStore({ container });
  const load = createSnapshotLoader(store);
  const loadEventLog = createEventLogLoader(store);
  const thresholds = settings.USAGE_EVENT_THRESHOLDS;
  const limits = {
    freshMs: settings.USAGE_FRESH_MINUTES * minute,
    staleMs: settings.USAGE_STALE_HOURS * hour,
    degradedMs: settings.USAGE_DEGRADED_DAYS * day,
  };
  const budgetLimits = {
    warningPercent: settings.USAGE_WARNING_PERCENT,
    overPercent: settings.USAGE_OVER_PERCENT,
  };
  const refreshIntervalMs = settings.USAGE_REFRESH_INTERVAL_MINUTES * minute;
  const refresh = createRefresh({
    store,
    lease: createRefreshLease({ container, clock, sleep }),
    source: { download: async (call) => (await upstream()).source.download(call) },
    tokens: {
      current: async (call) => (await upstream()).tokens.current(call),
      reread: async (call) => (await upstream()).tokens.reread(call),
    },
    load,
    loadEventLog,
    thresholds,
    budgetLimits,
    clock,
    random,
    intervalMs: refreshIntervalMs,
    acceptedBlob: settings.USAGE_ACCEPT_QUARANTINED,
  });
  const snapshots = createSnapshotReader({ store, load, refresh, clock, sleep, limits });
  const publicBaseUrl = settings.PUBLIC_BASE_URL;
  const contentAnswer = createContentAnswer({
    keptBytes: settings.USAGE_KEPT_ANSWERS_MB * megabyte,
    uncompressedBytes: settings.USAGE_MAX_UNCOMPRESSED_MB * megabyte,
  });
  const usage = { snapshots, clock, freshMs: limits.freshMs, budgetLimits, publicBaseUrl, contentAnswer };
  const refreshOnDemand = createRefreshOnDemand({ refresh, store, sleep });
  const service = { callerAuth: settings.CALLER_AUTH, thresholds, routes: httpFunctions };
  const described = { service, clock, publicBaseUrl, contentAnswer };
  const runWithLog = createRunWithLog(clock);

  return {
    http: {
      'usage-records': createUsageRecordsRoute(usage),
      'customer-usage-records': createCustomerUsageRecordsRoute(usage),
      'budget-events': createBudgetEventsRoute({ ...usage, loadEventLog, thresholds }),
      'usage-summary': createUsageSummaryRoute(usage),
      refresh: createRefreshRoute({ refreshOnDemand, snapshots, clock, publicBaseUrl }),
      'health-live': createHealthLiveRoute(),
      'health-ready': createHealthReadyRoute({ snapshots, clock, limits: { ...limits, refreshIntervalMs } }),
      openapi: createDescriptionRoute({ ...described, describer: openApiDescriber }),
      swagger: createDescriptionRoute({ ...described, describer: swaggerDescriber }),
    },
    callerAuth: settings.CALLER_AUTH,
    authorise: createAuthorise(settings.CALLER_AUTH),
    held: () => snapshots.held(),
    clock,
    runWithLog,
    warmUsageCache: {
      schedule: settings.USAGE_REFRESH_SCHEDULE,
      handler: createWarmUsageCacheHandler(refresh, runWithLog, settingWarningsOf(settings)),
    },
  };
}

/** Every function while a setting is bad or missing. No role is asked then: nothing is told but what is wrong with the settings. */
export function composeMisconfigured(problems: readonly SettingProblem[], callerAuth: CallerAuth): FunctionHandlers {
  const { route, readyRoute, timer } = createMisconfigured(problems);
  return {
    http: {
      'usage-records': route,
      'customer-usage-records': route,
      'budget-events': route,
      'usage-summary': route,
      refresh: route,
      'health-live': route,
      'health-ready': readyRoute,
      openapi: route,
      swagger: route,
    },
    callerAuth,
    authorise: createAuthorise('key'),
    held: () => undefined,
    clock,
    runWithLog: createRunWithLog(clock),
    warmUsageCache: { schedule: settingsSchema.shape.USAGE_REFRESH_SCHEDULE.parse(undefined), handler: timer },
  };
}

/** In Azure exactly one kind of credential, never a chain: a chain costs seconds and hides what is wrong. */
async function openCredential(settings: Settings): Promise<TokenCredential> {
  const identity = await import('@azure/identity');
  if (settings.USAGE_CREDENTIAL === 'developer') return new identity.AzureCliCredential();
  const clientId = settings.AZURE_CLIENT_ID;
  return new identity.ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
}

async function openUpstream(settings: Settings, credential: () => Promise<TokenCredential>): Promise<Upstream> {
  const [{ composeUpstream }, opened] = await Promise.all([import('./upstream.ts'), credential()]);
  return composeUpstream(settings, opened);
}
