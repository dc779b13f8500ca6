import { ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import type { ContainerClient } from '@azure/storage-blob';
import type { Stage } from './stage.ts';

/** A container of the local cloud's storage, as the app's own identity sees it. */
export function openContainer({ settings }: Stage, name = 'usage'): ContainerClient {
  process.env['IDENTITY_ENDPOINT'] = settings['IDENTITY_ENDPOINT'];
  process.env['IDENTITY_HEADER'] = settings['IDENTITY_HEADER'];
  const credential = new ManagedIdentityCredential({ clientId: settings['AZURE_CLIENT_ID'] ?? '' });
  return new BlobServiceClient(settings['USAGE_STORAGE_URL'] ?? '', credential).getContainerClient(name);
}
