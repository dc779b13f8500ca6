import { systemClock as clock } from '../../shared/clock.ts';
import type { Settings } from '../../shared/config.ts';
import { createSnapshotLoader } from '../../shared/refresh/snapshot-loader.ts';
import { createBlobSnapshotStore } from '../../shared/storage/snapshot-store.ts';
import { createUsageContainer } from '../../shared/storage/usage-container.ts';
import { getFreshness } from '../../shared/snapshot/freshness.ts';
import type { SnapshotPointer } from '../../shared/snapshot/pointer.ts';
import { createCall } from '../azure.ts';
import type { AzureIdentity } from '../azure.ts';
import type { Passed } from '../report.ts';
import { SetupError } from '../trouble.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The container, the pointer in it, and the list that the pointer names. */
export async function checkStorage(settings: Settings, { credential }: AzureIdentity): Promise<Passed<true>> {
  const container = createUsageContainer({
    storageUrl: settings.USAGE_STORAGE_URL,
    containerName: settings.USAGE_CONTAINER,
    credential: () => Promise.resolve(credential),
  });
  const store = createBlobSnapshotStore({ container });
  const call = createCall(minute);
  const stored = await store.readPointer(call);
  const pointer = stored === 'unchanged' ? undefined : stored?.pointer;
  if (pointer?.snapshot) await createSnapshotLoader(store)(pointer.snapshot, call);
  return pointer === undefined ? nothingYet() : passedOf(pointer, settings);
}

function nothingYet(): Passed<true> {
  const cure = 'wait for the first refresh, within five minutes of the start; then see refresh.failed in the log';
  return { value: true, detail: 'the container is there, and no list in it yet', cure };
}

function passedOf({ snapshot, failure }: SnapshotPointer, settings: Settings): Passed<true> {
  const trouble = failure === null ? '' : `; the last refresh failed: ${failure.code}`;
  const see = 'see refresh.failed in the log, and docs/reference/failure-codes.md';
  if (snapshot === null) {
    throw new SetupError({ what: `CacheEmpty: there is no list${trouble}`, cure: see });
  }
  const { period, recordCount, fetchedAt } = snapshot;
  const state = getFreshness(fetchedAt, clock(), {
    freshMs: settings.USAGE_FRESH_MINUTES * minute,
    staleMs: settings.USAGE_STALE_HOURS * hour,
    degradedMs: settings.USAGE_DEGRADED_DAYS * day,
  });
  const ageMinutes = Math.floor((clock() - fetchedAt) / minute);
  const detail = `${recordCount} records of ${period}, ${ageMinutes} minutes old, ${state}${trouble}`;
  if (state === 'expired') throw new SetupError({ what: `SnapshotExpired: ${detail}`, cure: see });
  const timer = 'see whether the function warm-usage-cache is enabled and the app runs';
  if (failure !== null) return { value: true, detail, cure: see };
  return { value: true, detail, cure: state === 'fresh' ? undefined : timer };
}
