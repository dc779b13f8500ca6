import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { ContainerClient, type StoragePipelineOptions, StorageSharedKeyCredential } from '@azure/storage-blob';
import { azuriteAccount, azuriteKey, startBlobService } from '../../../local/cloud/storage/azurite.ts';

export const developmentAccount = new StorageSharedKeyCredential(azuriteAccount, azuriteKey);

let running: Promise<string> | undefined;

/** The path-style address of the blob service that all tests of this process share; it ends with the process. */
export async function getServiceUrl(): Promise<string> {
  running ??= startBlobService([], tmpdir()).then((azurite) => {
    azurite.release();
    return `${azurite.url}/${azuriteAccount}`;
  });
  return running;
}

/** A container that nobody else uses, and that does not exist yet. */
export async function nameContainer(): Promise<ContainerClient> {
  return openContainer(`${await getServiceUrl()}/test-${randomUUID()}`);
}

/** A new container that nobody else uses. */
export async function createContainer(): Promise<ContainerClient> {
  const container = await nameContainer();
  await container.create();
  return container;
}

/** A client of the container at this path-style address, with the development account's key. */
export function openContainer(url: string, options: StoragePipelineOptions = {}): ContainerClient {
  return new ContainerClient(url, developmentAccount, options);
}
