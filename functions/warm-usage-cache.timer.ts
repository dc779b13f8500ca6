import { randomUUID } from 'node:crypto';
import type { TimerHandler } from '@azure/functions';
import { logOf } from '../shared/http/handler.ts';
import type { Refresh } from '../shared/refresh/refresh.ts';

/**
 * The timer that keeps the snapshot warm: refreshes when the protocol says one is due. The outcome stands in the log and never
 * fails the run; the first run also logs what is odd about the settings.
 */
export function createWarmUsageCacheHandler(refresh: Refresh, warnings: readonly string[] = []): TimerHandler {
  let unreported = warnings;

  return async function warmUsageCache(_timer, context) {
    const log = logOf(context);
    for (const warning of unreported) log('config.warning', { warning });
    unreported = [];
    // The refresh has deadlines of its own.
    const { signal } = new AbortController();
    await refresh('timer', { log, signal, correlationId: randomUUID() });
  };
}
