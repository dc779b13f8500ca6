import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { createPortError } from '../http.ts';

const entry = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
/** Ends the child with its parent, however the parent ends. */
const endWithParent = 'data:text/javascript,process.stdin.on("close",()=>process.exit()).resume()';
const commonOptions = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];

export const azuriteAccount = 'devstoreaccount1';
/** Public, the same in every Azurite: Microsoft Learn, "Use the Azurite emulator", well-known storage account and key. */
const azuriteKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export type Azurite = { readonly url: string; stop(): Promise<void> };

/** The connection string of a storage account, for the setting AzureWebJobsStorage. */
export function buildConnectionString({ url }: Azurite): string {
  const protocol = new URL(url).protocol.slice(0, -1);
  return `DefaultEndpointsProtocol=${protocol};AccountName=${azuriteAccount};AccountKey=${azuriteKey};BlobEndpoint=${url}/${azuriteAccount};`;
}

/** A real Azurite blob service that keeps everything in memory; it listens when this resolves. */
export async function startAzurite(options: {
  readonly folder: string;
  readonly port?: number;
  readonly tls?: { readonly certPath: string; readonly keyPath: string };
}): Promise<Azurite> {
  const { folder, port = 0, tls } = options;
  const oauth = tls === undefined ? [] : ['--oauth', 'basic', '--cert', tls.certPath, '--key', tls.keyPath];
  const args = ['--import', endWithParent, entry, '--blobPort', String(port), ...commonOptions, ...oauth];
  const child = spawn(process.execPath, args, { cwd: folder, env: {} });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));

  for await (const line of createInterface(child.stdout)) {
    const [, bound] = /successfully listens on https?:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (bound === undefined) continue;
    child.stdout.resume();
    return {
      url: tls === undefined ? `http://127.0.0.1:${bound}` : `https://localhost:${bound}`,
      async stop() {
        child.stdin.end();
        await exited;
      },
    };
  }
  await exited;
  throw errors.includes('EADDRINUSE') ? createPortError(port) : new Error(`Azurite did not start: ${errors.trim()}`);
}
