import type { BlobLeaseClient, BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { OperationContext } from '../context.ts';
import type { Clock, Sleep } from '../clock.ts';
import { DependencyError } from '../errors.ts';
import type { HeldLease, RefreshLease } from '../ports.ts';
import { isTaken, parseStorageFailure, callStorage, StorageError } from './storage-call.ts';

export type RefreshLeaseOptions = {
  /** Called at the first need of each call: the SDK is not loaded at start. */
  readonly container: () => Promise<ContainerClient>;
  readonly clock: Clock;
  readonly sleep: Sleep;
};

const lockBlob = 'refresh.lock';
/** The longest duration of a lease that ends (Azure Storage REST, "Lease Blob"). */
const leaseSeconds = 60;
const renewAfterMs = 20_000;
const renewAgainAfterMs = 5_000;
const renewDeadlineMs = 5_000;
const acquireDeadlineMs = 10_000;
const releaseDeadlineMs = 5_000;

/** The refresh lock as a lease on a blob of the container; a holder that dies frees it within 60 seconds. */
export function createRefreshLease({ container, clock, sleep }: RefreshLeaseOptions): RefreshLease {
  return {
    async acquire(context) {
      // Before the request, so this process never counts on the lease longer than storage does.
      const acquiredAt = clock();
      const limits = { blob: lockBlob, deadlineMs: acquireDeadlineMs, caller: context.signal };
      const lease = await callStorage(limits, async (signal) =>
        leaseLock((await container()).getBlockBlobClient(lockBlob), signal),
      );
      return lease === undefined ? undefined : holdLease({ lease, acquiredAt, clock, sleep, context });
    },
  };
}

async function leaseLock(blob: BlockBlobClient, abortSignal: AbortSignal): Promise<BlobLeaseClient | undefined> {
  try {
    return await tryLease(blob, abortSignal);
  } catch (error) {
    if (parseStorageFailure(error)?.errorCode !== 'BlobNotFound') throw error;
    await createLock(blob, abortSignal);
    return tryLease(blob, abortSignal);
  }
}

async function tryLease(blob: BlockBlobClient, abortSignal: AbortSignal): Promise<BlobLeaseClient | undefined> {
  const lease = blob.getBlobLeaseClient();
  try {
    await lease.acquireLease(leaseSeconds, { abortSignal });
    return lease;
  } catch (error) {
    // LeaseAlreadyPresent, or a lease that is being broken: another process holds it either way.
    if (parseStorageFailure(error)?.status === 409) return undefined;
    throw error;
  }
}

async function createLock(blob: BlockBlobClient, abortSignal: AbortSignal): Promise<void> {
  try {
    await blob.upload('', 0, { abortSignal, conditions: { ifNoneMatch: '*' } });
  } catch (error) {
    // Another process was faster, and may hold it already.
    if (!isTaken(error)) throw error;
  }
}

type Holding = Pick<RefreshLeaseOptions, 'clock' | 'sleep'> & {
  readonly lease: BlobLeaseClient;
  readonly acquiredAt: number;
  readonly context: OperationContext;
};

function holdLease({ lease, acquiredAt, clock, sleep, context }: Holding): HeldLease {
  const lost = new AbortController();
  const released = new AbortController();
  // A holder whose work ended without a release also stops renewing, and then the lock frees itself.
  const ended = AbortSignal.any([released.signal, context.signal]);

  async function keepRenewing(): Promise<never> {
    let expiresAt = acquiredAt + leaseSeconds * 1000;
    let waitMs = renewAfterMs;
    for (;;) {
      await sleep(waitMs, ended);
      const askedAt = clock();
      try {
        const limits = { blob: lockBlob, deadlineMs: renewDeadlineMs, caller: ended };
        await callStorage(limits, (abortSignal) => lease.renewLease({ abortSignal }));
        expiresAt = askedAt + leaseSeconds * 1000;
        waitMs = renewAfterMs;
      } catch (error) {
        // There is no time for another try before the lease ends, or storage says that it is gone (409, 404).
        const isTooLate = clock() + renewAgainAfterMs + renewDeadlineMs >= expiresAt;
        if (ended.aborted || isTooLate || isGone(error)) throw error;
        waitMs = renewAgainAfterMs;
      }
    }
  }

  const renewing = keepRenewing().catch((error: unknown) => {
    if (ended.aborted) return;
    const details = error instanceof DependencyError ? error.details : {};
    context.log('refresh.lease-lost', { heldMs: clock() - acquiredAt, ...details });
    lost.abort(new StorageError(lockBlob, { errorCode: 'LeaseLost' }, { cause: error }));
  });

  return {
    signal: lost.signal,
    async release() {
      released.abort();
      await renewing;
      await release(lease);
    },
  };
}

/** Ends with its own deadline only: a lease is released even when the work was aborted. */
async function release(lease: BlobLeaseClient): Promise<void> {
  await lease.releaseLease({ abortSignal: AbortSignal.timeout(releaseDeadlineMs) }).catch(() => {
    // The lease ends by itself, so this does not fail the refresh.
  });
}

/** Broken, taken by another, or deleted with its blob. */
function isGone(error: unknown): boolean {
  return error instanceof StorageError && [404, 409, 412].includes(error.status ?? 0);
}
