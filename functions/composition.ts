import type { TokenCredential } from '@azure/identity';
import { systemClock as clock, systemRandom as random, systemSleep as sleep } from '../shared/clock.ts';
import { settingsSchema, settingWarningsOf } from '../shared/config.ts';
import type { SettingProblem, Settings } from '../shared/config.ts';
import { createHttpHandler } from '../shared/http/handler.ts';
import type { Route } from '../shared/http/handler.ts';
import { createLazy } from '../shared/lazy.ts';
import { createEventLogLoader } from '../shared/refresh/event-log-loader.ts';
import { createRefresh } from '../shared/refresh/refresh.ts';
import { createSnapshotLoader } from '../shared/refresh/snapshot-loader.ts';
import { createSnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import { createRefreshLease } from '../shared/storage/refresh-lease.ts';
import { createBlobSnapshotStore } from '../shared/storage/snapshot-store.ts';
import { createUsageContainer } from '../shared/storage/usage-container.ts';
import { createBudgetEventsRoute } from './budget-events.http.ts';
import { createCustomerUsageRecordsRoute } from './customer-usage-records.http.ts';
import { createHealthLiveRoute } from './health-live.http.ts';
import { createHealthReadyRoute } from './health-ready.http.ts';
import { createMisconfigured } from './misconfigured.ts';
import type { FunctionHandlers } from './registration.ts';
import type { Upstream } from './upstream.ts';
import { createUsageRecordsRoute } from './usage-records.http.ts';
import { createWarmUsageCacheHandler } from './warm-usage-cache.timer.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

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
    clock,
    random,
    intervalMs: refreshIntervalMs,
  });
  const snapshots = createSnapshotReader({ store, load, refresh, clock, sleep, limits });
  const usage = { snapshots, clock, freshMs: limits.freshMs, publicBaseUrl: settings.PUBLIC_BASE_URL };

  return {
    http: {
      'usage-records': handlerOf(createUsageRecordsRoute(usage)),
      'customer-usage-records': handlerOf(createCustomerUsageRecordsRoute(usage)),
      'budget-events': handlerOf(createBudgetEventsRoute({ ...usage, loadEventLog, thresholds })),
      'health-live': handlerOf(createHealthLiveRoute()),
      'health-ready': handlerOf(createHealthReadyRoute({ snapshots, clock, limits: { ...limits, refreshIntervalMs } })),
    },
    warmUsageCache: {
      schedule: settings.USAGE_REFRESH_SCHEDULE,
      handler: createWarmUsageCacheHandler(refresh, settingWarningsOf(settings)),
    },
  };
}

/** Every function while a setting is bad or missing. */
export function composeMisconfigured(problems: readonly SettingProblem[]): FunctionHandlers {
  const { route, readyRoute, timer } = createMisconfigured(problems);
  const handler = handlerOf(route);
  return {
    http: {
      'usage-records': handler,
      'customer-usage-records': handler,
      'budget-events': handler,
      'health-live': handler,
      'health-ready': handlerOf(readyRoute),
    },
    warmUsageCache: { schedule: settingsSchema.shape.USAGE_REFRESH_SCHEDULE.parse(undefined), handler: timer },
  };
}

function handlerOf(route: Route) {
  return createHttpHandler(route, clock);
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
