import { budgetEvents } from './budget-events.ts';
import { customerUsageRecords } from './customer-usage-records.ts';
import { openapi, swagger } from './descriptions.ts';
import { healthLive } from './health-live.ts';
import { healthReady } from './health-ready.ts';
import type { HttpFunction } from './http-function.ts';
import { refresh } from './refresh.ts';
import { usageHistory } from './usage-history.ts';
import { usageRecords } from './usage-records.ts';
import { usageSummary } from './usage-summary.ts';

/** Every HTTP-triggered function. */
export const httpFunctions: readonly HttpFunction[] = [
  usageRecords,
  customerUsageRecords,
  budgetEvents,
  usageSummary,
  usageHistory,
  refresh,
  healthLive,
  healthReady,
  openapi,
  swagger,
];
