import { BlobServiceClient } from '@azure/storage-blob';
import type { BlobLeaseClient } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';
import { startTestCloud } from './test-cloud.ts';

const seen: string[] = [];
const cloud = await startTestCloud({
  wrap: (service, handle) => (exchange) => {
    seen.push(`${service} ${exchange.method}`);
    return handle(exchange);
  },
});

async function createLeased(
  name: string,
): Promise<{ readonly held: BlobLeaseClient; readonly other: BlobLeaseClient }> {
  const blob = cloud.container.getBlockBlobClient(name);
  await blob.upload('', 0);
  const [held, other] = [blob.getBlobLeaseClient(), blob.getBlobLeaseClient()];
  await held.acquireLease(60);
  return { held, other };
}

const advanceSeconds = async (seconds: number) => cloud.control({ advanceHours: seconds / 3600 });

describe('a lease, by the clock of the cloud', () => {
  it('is free for others when its time is over, and lost to the one that held it', async () => {
    const { held, other } = await createLeased('one');
    await advanceSeconds(50);
    await expect(other.acquireLease(60)).rejects.toMatchObject({ code: 'LeaseAlreadyPresent' });
    await advanceSeconds(11);
    await other.acquireLease(60);
    await expect(held.renewLease()).rejects.toMatchObject({ statusCode: 409 });
    await expect(held.acquireLease(60)).rejects.toMatchObject({ code: 'LeaseAlreadyPresent' });
    await other.releaseLease();
  });

  it('starts again when it is renewed, also when it is over and nobody has taken it', async () => {
    const { held, other } = await createLeased('two');
    await advanceSeconds(300);
    await held.renewLease();
    await advanceSeconds(50);
    await held.renewLease();
    await advanceSeconds(50);
    await expect(other.acquireLease(60)).rejects.toMatchObject({ code: 'LeaseAlreadyPresent' });
    await held.releaseLease();
    await other.acquireLease(60);
  });
});

it('gives a Functions host an account over HTTP, which no fault disturbs', async () => {
  await cloud.fault('storage', '503');
  const account = BlobServiceClient.fromConnectionString(cloud.setting('AzureWebJobsStorage'));
  const container = account.getContainerClient('azure-webjobs-hosts');
  await container.create();
  const lock = container.getBlockBlobClient('locks/host');
  await lock.upload('held', 4, { metadata: { functionInstance: '1' } });
  await lock.getBlobLeaseClient().acquireLease(15);

  expect((await lock.downloadToBuffer()).toString()).toBe('held');
  expect(await lock.getProperties()).toMatchObject({ leaseState: 'leased', metadata: { functioninstance: '1' } });
  await fetch(cloud.controlUrl, { method: 'DELETE' });
});

it('shows its requests to those who wrap its services', () => {
  expect(new Set(seen)).toEqual(new Set(['key-vault GET', 'managed-identity GET', 'storage PUT']));
});
