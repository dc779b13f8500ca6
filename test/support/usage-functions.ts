import { createCustomerUsageRecordsRoute } from '../../functions/customer-usage-records.http.ts';
import { createHealthReadyRoute } from '../../functions/health-ready.http.ts';
import { createUsageRecordsRoute } from '../../functions/usage-records.http.ts';
import { createHttpHandler } from '../../shared/http/handler.ts';
import { createSnapshotReader } from '../../shared/refresh/snapshot-reader.ts';
import { createRefreshRig } from './refresh-rig.ts';

const hour = 3_600_000;
const limits = { freshMs: 1.5 * hour, staleMs: 24 * hour, degradedMs: 7 * 24 * hour };

/** The reading functions over the refresh protocol of a rig, and on its clock. */
export function createUsageFunctions(
  options: { readonly publicBaseUrl?: string; readonly rig?: ReturnType<typeof createRefreshRig> } = {},
) {
  const rig = options.rig ?? createRefreshRig();
  const { clock } = rig.deps;
  const snapshots = createSnapshotReader({
    ...rig.deps,
    refresh: rig.refresh,
    limits,
    // No wait is over before what it waits for.
    sleep: () => new Promise(() => undefined),
  });
  const usage = { snapshots, clock, freshMs: limits.freshMs, publicBaseUrl: options.publicBaseUrl };
  const health = { snapshots, clock, limits: { ...limits, refreshIntervalMs: hour } };
  return {
    rig,
    list: createHttpHandler(createUsageRecordsRoute(usage), clock),
    customer: createHttpHandler(createCustomerUsageRecordsRoute(usage), clock),
    ready: createHttpHandler(createHealthReadyRoute(health), clock),
    refresh: async () => rig.refresh('timer', rig.log.call),
  };
}
