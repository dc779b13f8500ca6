import { createRequire } from 'node:module';
import type { ManagedIdentityCredential as Identity } from '@azure/identity';
import type { BlobServiceClient as Service } from '@azure/storage-blob';
import { registerFirstPage } from './first-page.ts';

/* A first page with the SDKs as the app bundles them, and nothing else of the app. */
type Sdk = { readonly BlobServiceClient: typeof Service; readonly ManagedIdentityCredential: typeof Identity };

const setting = (name: string) => process.env[name] ?? '';

function openContainer() {
  const { BlobServiceClient, ManagedIdentityCredential }: Sdk = createRequire(import.meta.url)(
    '../../dist/azure-sdk.cjs',
  );
  const credential = new ManagedIdentityCredential({ clientId: setting('AZURE_CLIENT_ID') });
  const service = new BlobServiceClient(setting('USAGE_STORAGE_URL'), credential);
  return service.getContainerClient(setting('USAGE_CONTAINER') || 'usage');
}

let container: ReturnType<typeof openContainer> | undefined;

registerFirstPage((name) => (container ??= openContainer()).getBlobClient(name).downloadToBuffer());
