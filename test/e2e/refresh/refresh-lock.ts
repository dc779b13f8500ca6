import type { Stage } from '../stage/stage.ts';
import { openContainer } from '../stage/usage-container.ts';

/** The lock of a stage's refreshes, seen from outside the app. */
export function openRefreshLock(stage: Stage) {
  const blob = openContainer(stage).getBlobClient('refresh.lock');

  return {
    /** Whether somebody holds it, and whether it would end by itself. */
    async state() {
      const { leaseState, leaseDuration } = await blob.getProperties();
      return { leaseState, leaseDuration };
    },
    /** What a minute of waiting would do when its holder is gone. */
    async runOut(): Promise<void> {
      await blob.getBlobLeaseClient().breakLease(0);
    },
  };
}
