import { join } from 'node:path';
import type { Azurite } from './azurite.ts';
import { startAzurite } from './azurite.ts';
import type { Certificates } from './certificates.ts';
import type { Listener } from './http.ts';
import { listen } from './http.ts';

const offsets = { partnerCenter: 0, entra: 1, keyVault: 2, identity: 3, storage: 4, jobs: 5, foreign: 6 } as const;

type DoorOptions = {
  readonly certificates: Certificates;
  readonly folder: string;
  /** First of the block; absent: any free ports. */
  readonly port: number | undefined;
  /** Takes everything that is to be stopped, as soon as it runs. */
  readonly opened: (part: Listener | Azurite) => void;
};

export type Doors = Awaited<ReturnType<typeof openDoors>>;

/** Every address of the cloud, listening before anything is served: the services name each other. */
export async function openDoors({ certificates, port, opened }: DoorOptions) {
  async function open(name: keyof typeof offsets): Promise<Listener> {
    const listener = await listen(certificates.server, port === undefined ? 0 : port + offsets[name]);
    opened(listener);
    return listener;
  }
  return {
    partnerCenter: await open('partnerCenter'),
    entra: await open('entra'),
    keyVault: await open('keyVault'),
    identity: await open('identity'),
    storage: await open('storage'),
    foreign: await open('foreign'),
  };
}

/** One behind the storage door, and one over plain HTTP for a Functions host, which does not know our authority. */
export async function startAzurites({ certificates, folder, port, opened }: DoorOptions) {
  const home = certificates.folder;
  const tls = { certPath: join(home, 'server.pem'), keyPath: join(home, 'server-key.pem') };
  const jobsPort = port === undefined ? 0 : port + offsets.jobs;
  const [blobs, jobs] = await Promise.allSettled([
    startAzurite({ folder, tls }),
    startAzurite({ folder, port: jobsPort }),
  ]);
  for (const one of [blobs, jobs]) if (one.status === 'fulfilled') opened(one.value);
  if (blobs.status === 'rejected') throw blobs.reason;
  if (jobs.status === 'rejected') throw jobs.reason;
  return { blobs: blobs.value, jobs: jobs.value };
}
