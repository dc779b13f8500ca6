import { composeApp } from '../../../functions/composition.ts';
import { settingsSchema } from '../../../shared/settings.ts';
import type { CallerAuth } from '../../../shared/http/caller.ts';
import type { BudgetLimits } from '../../../shared/views/budget-status.ts';
import { createRefreshRig } from '../rigs/refresh-rig.ts';
import { findHandlers } from './registered-functions.ts';

const megabyte = 1024 * 1024;
const id = '11111111-2222-4333-8444-555555555555';
const defaults = settingsSchema.parse({
  KEY_VAULT_URL: 'https://vault.test',
  USAGE_STORAGE_URL: 'https://storage.test',
  PARTNER_CENTER_TENANT_ID: id,
  PARTNER_CENTER_CLIENT_ID: id,
  USAGE_MAX_UNCOMPRESSED_MB: '1',
  USAGE_KEPT_ANSWERS_MB: '1',
});

type UsageFunctionsOptions = {
  readonly publicBaseUrl?: string;
  readonly rig?: ReturnType<typeof createRefreshRig>;
  readonly callerAuth?: CallerAuth;
  readonly uncompressedBytes?: number;
  readonly budgetLimits?: BudgetLimits;
  readonly yieldToEventLoop?: () => Promise<void>;
};

/** The app over the ports of a rig, and on its clock. */
export function createUsageFunctions(options: UsageFunctionsOptions = {}) {
  const { publicBaseUrl, rig = createRefreshRig(), callerAuth = 'key', uncompressedBytes = megabyte } = options;
  const { budgetLimits = { warningPercent: 80, overPercent: 100 } } = options;
  const patience = Promise.withResolvers<void>();
  const settings = {
    ...defaults,
    CALLER_AUTH: callerAuth,
    PUBLIC_BASE_URL: publicBaseUrl,
    USAGE_MAX_UNCOMPRESSED_MB: uncompressedBytes / megabyte,
    USAGE_WARNING_PERCENT: budgetLimits.warningPercent,
    USAGE_OVER_PERCENT: budgetLimits.overPercent,
  };
  const app = composeApp(settings, {
    ...rig.deps,
    // No wait is over before what it waits for, but by `tire`.
    sleep: () => patience.promise,
    yieldToEventLoop: options.yieldToEventLoop ?? (() => Promise.resolve()),
  });
  const handlerOf = findHandlers(app);
  return {
    rig,
    app,
    handlerOf,
    list: handlerOf('usage-records'),
    customer: handlerOf('customer-usage-records'),
    summary: handlerOf('usage-summary'),
    history: handlerOf('usage-history'),
    events: handlerOf('budget-events'),
    ready: handlerOf('health-ready'),
    live: handlerOf('health-live'),
    refreshNow: handlerOf('refresh'),
    timer: app.warmUsageCache.handler,
    tire: patience.resolve,
    refresh: async () => rig.refresh('timer', rig.log.call),
  };
}
