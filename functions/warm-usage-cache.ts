import { randomUUID } from 'node:crypto';
import type { TimerHandler } from '@azure/functions';
import type { InvocationLogs } from '../shared/http/invocation-log.ts';
import type { Refresh } from '../shared/refresh/refresh.ts';

/**
 * The timer that keeps the snapshot warm: refreshes when the protocol says one is due. The outcome stands in the log and never
 * fails the run.
 */
export function createWarmUsageCacheHandler(refresh: Refresh, logs: InvocationLogs): TimerHandler {
  return async function warmUsageCache(_timer, context) {
    const log = logs.start(context);
    // The refresh has deadlines of its own.
    const { signal } = new AbortController();
    try {
      await refresh('timer', { log, signal, correlationId: randomUUID() });
    } finally {
      logs.end(context);
    }
  };
}
