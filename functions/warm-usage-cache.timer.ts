import { randomUUID } from 'node:crypto';
import type { TimerHandler } from '@azure/functions';
import { logOf } from '../shared/http/handler.ts';
import type { Refresh } from '../shared/refresh/refresh.ts';

/** The timer that keeps the snapshot warm: refreshes when the protocol says one is due. Its outcome stands in the log; it never fails the run. */
export function createWarmUsageCacheHandler(refresh: Refresh): TimerHandler {
  return async function warmUsageCache(_timer, context) {
    const signal = new AbortController().signal;
    await refresh('timer', { log: logOf(context), signal, correlationId: randomUUID() });
  };
}
