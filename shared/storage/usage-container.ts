import type { TokenCredential } from '@azure/identity';
import type { ContainerClient, StoragePipelineOptions, StorageSharedKeyCredential } from '@azure/storage-blob';
import { loadOnce } from '../once.ts';

/** Few and short retries: every caller has a deadline, and the last good snapshot or the next tick to fall back on. */
export const blobClientOptions = {
  retryOptions: { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 },
} as const satisfies StoragePipelineOptions;

export type UsageContainerOptions = {
  /** The blob service: `https://<account>.blob.core.windows.net`, or with the account in the path. */
  readonly storageUrl: string;
  readonly containerName: string;
  readonly credential: () => Promise<TokenCredential | StorageSharedKeyCredential>;
};

/** Returns the container's client. The SDK and the credential load at first need, and again only after a failure. */
export function createUsageContainer(options: UsageContainerOptions): () => Promise<ContainerClient> {
  return loadOnce(() => openContainer(options));
}

async function openContainer({
  storageUrl,
  containerName,
  credential,
}: UsageContainerOptions): Promise<ContainerClient> {
  const [sdk, loaded] = await Promise.all([import('@azure/storage-blob'), credential()]);
  return new sdk.BlobServiceClient(storageUrl, loaded, blobClientOptions).getContainerClient(containerName);
}
