import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(import.meta.resolve('azurite/dist/src/blob/main.js'));
/** Ends the child with its parent, however the parent ends. */
const endWithParent = 'data:text/javascript,process.stdin.on("close",()=>process.exit()).resume()';
const options = ['--blobPort', '0', '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];

export const azuriteAccount = 'devstoreaccount1';
/** Public, the same in every Azurite: Microsoft Learn, "Use the Azurite emulator", well-known storage account and key. */
export const azuriteKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export type Azurite = {
  readonly url: string;
  /** Lets this process end although the service still runs; the service ends with it. */
  release(): void;
  stop(): Promise<void>;
};

/** The connection string of a storage account, for the setting AzureWebJobsStorage. */
export function buildConnectionString(url: string): string {
  const protocol = new URL(url).protocol.slice(0, -1);
  return `DefaultEndpointsProtocol=${protocol};AccountName=${azuriteAccount};AccountKey=${azuriteKey};BlobEndpoint=${url}/${azuriteAccount};`;
}

/** A blob service over HTTPS; `folder` holds its certificate and its compiled code. */
export async function startAzurite(folder: string): Promise<Azurite> {
  const tls = ['--oauth', 'basic', '--cert', join(folder, 'server.pem'), '--key', join(folder, 'server-key.pem')];
  return startBlobService(tls, folder);
}

/** A real Azurite blob service that keeps everything in memory, over HTTP without certificate flags. It listens when this resolves. */
export async function startBlobService(flags: readonly string[], folder: string): Promise<Azurite> {
  const args = ['--import', endWithParent, entry, ...options, ...flags];
  const child = spawn(process.execPath, args, { cwd: folder, env: { NODE_COMPILE_CACHE: join(folder, 'compiled') } });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));

  for await (const line of createInterface(child.stdout)) {
    const [, scheme, bound] = /successfully listens on (https?):\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (bound === undefined) continue;
    child.stdout.resume();
    return {
      url: `${scheme}://localhost:${bound}`,
      release() {
        child.unref();
        for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
      },
      async stop() {
        child.stdin.end();
        await exited;
      },
    };
  }
  await exited;
  throw new Error(`Azurite did not start: ${errors.trim()}`);
}
