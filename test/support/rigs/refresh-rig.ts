import type { HeldLease, RefreshTokenInfo, UsageDownload } from '../../../shared/ports.ts';
import { createEventLogLoader, createSnapshotLoader } from '../../../shared/stored-data/load-blobs.ts';
import { createRefreshFigures } from '../../../shared/daily-figures/refresh-figures.ts';
import { createRefresh } from '../../../shared/refresh/refresh.ts';
import { createTestCall } from '../call.ts';
import { createMemoryStore } from '../services/memory-store.ts';
import { createDownload, createRows } from '../lists/usage-rows.ts';

const minute = 60_000;

const fourRows = (): Promise<UsageDownload> => Promise.resolve(createDownload(createRows(4)));

/** The refresh protocol over ports a test can turn: time, the upstream list, the token's version, the lease. */
export function createRefreshRig(
  options: { readonly now?: string; readonly memory?: ReturnType<typeof createMemoryStore> } = {},
) {
  const memory = options.memory ?? createMemoryStore();
  let now = Date.parse(options.now ?? '2026-11-20T12:00:00Z');
  let downloads = 0;
  let upstream = fourRows;
  let token: RefreshTokenInfo | Error = { version: 'v1', issuedAt: Date.parse('2026-11-01T00:00:00Z') };
  let heldElsewhere = false;
  let leaseSignal = new AbortController().signal;
  let released = 0;

  async function readToken(): Promise<RefreshTokenInfo> {
    if (token instanceof Error) throw token;
    return token;
  }

  const deps = {
    store: memory.store,
    source: {
      async download() {
        downloads += 1;
        return upstream();
      },
    },
    tokens: { current: readToken, reread: readToken },
    lease: {
      async acquire(): Promise<HeldLease | undefined> {
        if (heldElsewhere) return undefined;
        return {
          signal: leaseSignal,
          async release() {
            released += 1;
          },
        };
      },
    },
    loadSnapshot: createSnapshotLoader({
      store: memory.store,
      sleep: () => Promise.resolve(),
      yieldToEventLoop: () => Promise.resolve(),
    }),
    loadEventLog: createEventLogLoader(memory.store),
    months: memory.months,
    dailyFigures: createRefreshFigures({
      store: memory.store,
      months: memory.months,
      clock: () => now,
      yieldToEventLoop: () => Promise.resolve(),
    }),
    thresholds: [50, 80, 90, 100, 120],
    budgetLimits: { warningPercent: 80, overPercent: 100 },
    jumpFloors: { budgetPercent: 10, usd: 50 },
    clock: () => now,
    random: () => 0,
    yieldToEventLoop: () => Promise.resolve(),
    intervalMs: 60 * minute,
  };
  const log = createTestCall();

  return {
    deps,
    memory,
    log,
    refresh: createRefresh(deps),
    /** The same of another process, which has read nothing yet. */
    refreshElsewhere: createRefresh({
      ...deps,
      loadSnapshot: createSnapshotLoader({
        store: memory.store,
        sleep: () => Promise.resolve(),
        yieldToEventLoop: () => Promise.resolve(),
      }),
    }),
    downloads: () => downloads,
    released: () => released,
    now: () => now,
    advanceMinutes(minutes: number) {
      now += minutes * minute;
    },
    serve(next: () => Promise<UsageDownload>) {
      upstream = next;
    },
    setToken(next: RefreshTokenInfo | Error) {
      token = next;
    },
    holdLeaseElsewhere(isHeld: boolean) {
      heldElsewhere = isHeld;
    },
    setLeaseSignal(signal: AbortSignal) {
      leaseSignal = signal;
    },
  };
}
