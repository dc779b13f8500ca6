import { BlobServiceClient } from '@azure/storage-blob';
import type { ContainerClient } from '@azure/storage-blob';
import { createIdentity } from '../../support/services/identity.ts';
import type { Stage } from './stage.ts';

/** A container of the local cloud's storage, as the app's own identity sees it. */
export function openContainer({ settings }: Stage, name = 'usage'): ContainerClient {
  const service = new BlobServiceClient(settings['USAGE_STORAGE_URL'] ?? '', createIdentity(settings));
  return service.getContainerClient(name);
}
