import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import tls from 'node:tls';
import { BlobServiceClient } from '@azure/storage-blob';
import { z } from 'zod';
import { loadCertificates } from '../../../local/cloud/certificates.ts';
import { type CloudOptions, startCloud } from '../../../local/cloud/cloud.ts';
import { type Azurite, buildConnectionString, startAzurite } from '../../../local/cloud/storage/azurite.ts';

const controlSchema = z.looseObject({
  calls: z.record(z.string(), z.number()),
  clock: z.object({ offsetMs: z.number(), now: z.string() }),
  faults: z.array(z.unknown()),
  faultKinds: z.record(z.string(), z.array(z.string())),
  requests: z.array(z.looseObject({ service: z.string(), method: z.string(), path: z.string(), bearer: z.boolean() })),
});

type ControlState = z.infer<typeof controlSchema>;

/** Certificates take a while to make, and every cloud can use the same. */
const folder = resolve(import.meta.dirname, '../../../node_modules/.cache/local-cloud');

/** Blob services that are empty and used by nobody; they end with this process. */
const idle: Azurite[] = [];

/** The local cloud on free ports, which this process trusts, with its control endpoint. */
export async function startLocalCloud(options: Omit<CloudOptions, 'folder' | 'azurite'> = {}) {
  const azurite = idle.pop() ?? (await startAzurite((await loadCertificates(folder)).folder));
  const cloud = await startCloud({ ...options, folder, azurite });
  const authority = await readFile(cloud.settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  tls.setDefaultCACertificates([...tls.getCACertificates('bundled'), authority]);

  async function control(change?: object): Promise<ControlState> {
    const init = change === undefined ? {} : { method: 'POST', body: JSON.stringify(change) };
    const response = await fetch(cloud.controlUrl, init);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`the control endpoint refused: ${JSON.stringify(body)}`);
    return controlSchema.parse(body);
  }

  return {
    ...cloud,
    control,
    /** Sets a fault in place of all others; without `times` it stays. */
    fault: async (service: string, kind: string, times?: number) =>
      control({ faults: [{ service, kind, ...(times === undefined ? {} : { times }) }] }),
    /** Hands the blob service to the next cloud of this process. */
    async stop(): Promise<void> {
      await cloud.stop();
      const service = BlobServiceClient.fromConnectionString(buildConnectionString(azurite.url));
      for await (const { name } of service.listContainers()) await service.deleteContainer(name);
      azurite.release();
      idle.push(azurite);
    },
  };
}
