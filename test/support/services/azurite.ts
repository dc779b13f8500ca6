import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  BlobServiceClient,
  type ContainerClient,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';

/** Azurite's well-known development account; its key is published and guards nothing. */
export const developmentAccount = new StorageSharedKeyCredential(
  'devstoreaccount1',
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
);

export type Azurite = {
  readonly port: number;
  /** Path-style address of the account. */
  readonly url: string;
  stop(): Promise<void>;
};

/** Starts Azurite's blob service, in memory, on a free port of the loopback interface. */
export async function startAzurite(): Promise<Azurite> {
  const main = fileURLToPath(new URL('../../../node_modules/azurite/dist/src/blob/main.js', import.meta.url));
  const flags = ['--inMemoryPersistence', '--silent', '--skipApiVersionCheck', '--disableTelemetry'];
  const child = spawn(process.execPath, [main, '--blobPort', '0', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): unknown => child.kill('SIGKILL');
  process.once('exit', kill);
  const port = await listeningPort(child.stdout);
  child.stdout.resume();
  return {
    port,
    url: serviceUrl(port),
    async stop() {
      process.off('exit', kill);
      const exited = once(child, 'exit');
      kill();
      await exited;
    },
  };
}

/** The account's address behind `port`, Azurite's own or that of a proxy before it. */
export function serviceUrl(port: number): string {
  return `http://127.0.0.1:${port}/devstoreaccount1`;
}

/** A container's client with the development account's key. */
export function containerAt(url: string, name: string, options: StoragePipelineOptions = {}): ContainerClient {
  return new BlobServiceClient(url, developmentAccount, options).getContainerClient(name);
}

async function listeningPort(stdout: Readable): Promise<number> {
  let printed = '';
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    const port = /successfully listens on http:\/\/[^:]+:(\d+)/.exec(printed)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`Azurite ended before it listened: ${printed}`);
}
