import { randomUUID } from 'node:crypto';
import type { TimerHandler } from '@azure/functions';
import type { InvocationLogs } from '../shared/http/invocation-log.ts';
import type { SnapshotReader } from '../shared/reading/snapshot-reader.ts';
import type { Refresh } from '../shared/refresh/refresh.ts';

type WarmUsageCacheDeps = {
  readonly refresh: Refresh;
  readonly snapshots: Pick<SnapshotReader, 'revalidate'>;
  readonly logs: InvocationLogs;
};

/**
 * The timer that keeps the snapshot warm: refreshes when the protocol says one is due. The outcome stands in the log and never
 * fails the run.
 */
export function createWarmUsageCacheHandler({ refresh, snapshots, logs }: WarmUsageCacheDeps): TimerHandler {
  return async function warmUsageCache(_timer, context) {
    const log = logs.start(context);
    // The refresh has deadlines of its own.
    const { signal } = new AbortController();
    try {
      const call = { log, signal, correlationId: randomUUID() };
      const { kind } = await refresh('timer', call);
      // Until this instance knows the new list, it holds the replaced one too.
      if (kind === 'published') await snapshots.revalidate(call);
    } finally {
      logs.end(context);
    }
  };
}
