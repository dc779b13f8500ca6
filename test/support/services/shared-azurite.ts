import { resolve } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { loadCertificates } from '../../../local/cloud/certificates.ts';
import { buildConnectionString, startAzurite } from '../../../local/cloud/storage/azurite.ts';
import type { Azurite } from '../../../local/cloud/storage/azurite.ts';

/** Certificates take a while to make, and every cloud can use the same. */
export const cloudFolder = resolve(import.meta.dirname, '../../../node_modules/.cache/local-cloud');

/** Empty, and used by nobody; they end with this process. */
const idle: Azurite[] = [];

/** A blob service for one local cloud: of one that has ended in this process, or a new one. */
export async function takeAzurite(): Promise<Azurite> {
  return idle.pop() ?? (await startAzurite((await loadCertificates(cloudFolder)).folder));
}

/** Hands the blob service of a cloud that has ended to the next one. The process must trust the cloud's authority. */
export async function giveBack(azurite: Azurite): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(buildConnectionString(azurite.url));
  for await (const { name } of service.listContainers()) await service.deleteContainer(name);
  azurite.release();
  idle.push(azurite);
}
