import { HttpRequest, InvocationContext } from '@azure/functions';
import type { HttpFunctionOptions, HttpRequestInit, TimerFunctionOptions } from '@azure/functions';
import { createCustomerUsageRecordsRoute } from '../../functions/customer-usage-records.http.ts';
import { createHealthLiveRoute } from '../../functions/health-live.http.ts';
import { createHealthReadyRoute } from '../../functions/health-ready.http.ts';
import { createRefreshRoute } from '../../functions/refresh.http.ts';
import { registerFunctions } from '../../functions/registration.ts';
import { createUsageRecordsRoute } from '../../functions/usage-records.http.ts';
import { createWarmUsageCacheHandler } from '../../functions/warm-usage-cache.timer.ts';
import { createAuthorise } from '../../shared/http/caller.ts';
import type { CallerAuth } from '../../shared/http/caller.ts';
import { createContentAnswer } from '../../shared/http/content-answer.ts';
import { createRefreshOnDemand } from '../../shared/refresh/on-demand.ts';
import { createSnapshotReader } from '../../shared/refresh/snapshot-reader.ts';
import { createRefreshRig } from './refresh-rig.ts';

const minute = 60_000;
const limits = {
  freshMs: 90 * minute,
  staleMs: 1440 * minute,
  degradedMs: 10_080 * minute,
  refreshIntervalMs: 60 * minute,
};

type RigOptions = {
  readonly callerAuth?: CallerAuth;
  readonly publicBaseUrl?: string;
  readonly uncompressedBytes?: number;
};

/** The functions as they are registered, in this process, over the refresh rig. A wait of 100 s ends by `tire`. */
export function createFunctionsRig({ callerAuth = 'key', publicBaseUrl, uncompressedBytes = 1e6 }: RigOptions = {}) {
  const rig = createRefreshRig();
  const patience = Promise.withResolvers<void>();
  const http = new Map<string, HttpFunctionOptions>();
  const timers = new Map<string, TimerFunctionOptions>();
  const lines: string[] = [];
  const { clock } = rig.deps;
  const snapshots = createSnapshotReader({
    ...rig.deps,
    refresh: rig.refresh,
    sleep: async () => patience.promise,
    limits,
  });
  const contentAnswer = createContentAnswer({ keptBytes: 1e6, uncompressedBytes });
  const usage = { snapshots, clock, freshMs: limits.freshMs, publicBaseUrl, contentAnswer };
  const refreshOnDemand = createRefreshOnDemand({
    refresh: rig.refresh,
    store: rig.memory.store,
    sleep: async () => patience.promise,
  });
  registerFunctions(
    { http: (name, options) => void http.set(name, options), timer: (name, options) => void timers.set(name, options) },
    {
      http: {
        'usage-records': createUsageRecordsRoute(usage),
        'customer-usage-records': createCustomerUsageRecordsRoute(usage),
        refresh: createRefreshRoute({ refreshOnDemand, snapshots, clock, publicBaseUrl }),
        'health-live': createHealthLiveRoute(),
        'health-ready': createHealthReadyRoute({ snapshots, clock, limits }),
      },
      callerAuth,
      authorise: createAuthorise(callerAuth),
      clock,
      warmUsageCache: { schedule: '0 */5 * * * *', handler: createWarmUsageCacheHandler(rig.refresh) },
    },
  );

  return {
    ...rig,
    http,
    timers,
    lines,
    tire: patience.resolve,
    /** Calls a function as the host would after its own checks. */
    async call(name: string, path: string, init: Omit<HttpRequestInit, 'url'> = {}) {
      const context = new InvocationContext({
        invocationId: '11111111-2222-4333-8444-555555555555',
        functionName: name,
        logHandler: (_level, line) => void lines.push(String(line)),
      });
      const request = new HttpRequest({ method: 'GET', ...init, url: `https://usage.example${path}` });
      const { status, headers, body } = Object(await http.get(name)?.handler(request, context));
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      return { status, headers: new Headers(headers), bytes, json: jsonOf(bytes) };
    },
  };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(String(bytes));
  } catch {
    return undefined;
  }
}
