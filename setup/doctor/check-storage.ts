import { systemClock as clock, systemSleep, systemYieldToEventLoop } from '../../shared/clock.ts';
import { readFreshnessLimits } from '../../shared/settings.ts';
import type { Settings } from '../../shared/settings.ts';
import { createSnapshotLoader } from '../../shared/stored-data/load-blobs.ts';
import { createBlobSnapshotStore } from '../../shared/storage/snapshot-store.ts';
import { createUsageContainer } from '../../shared/storage/usage-container.ts';
import { getFreshness } from '../../shared/snapshot/freshness.ts';
import type { SnapshotPointer } from '../../shared/snapshot/pointer.ts';
import { createOperation } from '../azure.ts';
import type { AzureIdentity } from '../azure.ts';
import type { Passed } from '../report.ts';
import { CommandError } from '../command-line.ts';

const minute = 60_000;

/** Checks the container, its pointer, and the snapshot the pointer names. */
export async function checkStorage(settings: Settings, { credential }: AzureIdentity): Promise<Passed<true>> {
  const container = createUsageContainer({
    storageUrl: settings.USAGE_STORAGE_URL,
    containerName: settings.USAGE_CONTAINER,
    credential: () => Promise.resolve(credential),
  });
  const store = createBlobSnapshotStore({ container });
  const operation = createOperation(minute);
  const stored = await store.readPointer(operation);
  const pointer = stored === 'unchanged' ? undefined : stored?.pointer;
  if (pointer?.snapshot) {
    const loadSnapshot = createSnapshotLoader({ store, sleep: systemSleep, yieldToEventLoop: systemYieldToEventLoop });
    await loadSnapshot(pointer.snapshot, operation);
  }
  return pointer === undefined ? reportEmpty() : checkPointer(pointer, settings);
}

function reportEmpty(): Passed<true> {
  const cure = 'wait for the first refresh, within five minutes of the start; then see refresh.failed in the log';
  return { value: true, detail: 'the container exists, without a snapshot yet', cure };
}

function checkPointer({ snapshot, failure }: SnapshotPointer, settings: Settings): Passed<true> {
  const trouble = failure === null ? '' : `; the last refresh failed: ${failure.code}`;
  const see = 'see refresh.failed in the log, and docs/reference/failure-codes.md';
  if (snapshot === null) {
    throw new CommandError({ what: `CacheEmpty: there is no snapshot${trouble}`, cure: see });
  }
  const { period, recordCount, fetchedAt } = snapshot;
  const state = getFreshness(fetchedAt, clock(), readFreshnessLimits(settings));
  const ageMinutes = Math.floor((clock() - fetchedAt) / minute);
  const detail = `${recordCount} records of ${period}, ${ageMinutes} minutes old, ${state}${trouble}`;
  if (state === 'expired') throw new CommandError({ what: `SnapshotExpired: ${detail}`, cure: see });
  const timer = 'see whether the function warm-usage-cache is enabled and the app runs';
  if (failure !== null) return { value: true, detail, cure: see };
  return { value: true, detail, cure: state === 'fresh' ? undefined : timer };
}
