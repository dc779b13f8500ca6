import { ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import type { Stage } from '../stage/stage.ts';

/** The lock of a stage's refreshes, seen from outside the app. */
export function openRefreshLock({ settings }: Stage) {
  process.env['IDENTITY_ENDPOINT'] = settings['IDENTITY_ENDPOINT'];
  process.env['IDENTITY_HEADER'] = settings['IDENTITY_HEADER'];
  const credential = new ManagedIdentityCredential({ clientId: settings['AZURE_CLIENT_ID'] ?? '' });
  const service = new BlobServiceClient(settings['USAGE_STORAGE_URL'] ?? '', credential);
  const blob = service.getContainerClient(settings['USAGE_CONTAINER'] ?? '').getBlobClient('refresh.lock');

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
