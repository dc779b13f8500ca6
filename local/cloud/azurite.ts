import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { portInUse } from './http.ts';

const entry = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
/** Ends the child with its parent, however that one ends. */
const endWithParent = 'data:text/javascript,process.stdin.on("close",()=>process.exit()).resume()';

export const azuriteAccount = 'devstoreaccount1';

/** Public, the same in every Azurite: Microsoft Learn, "Use the Azurite emulator", well-known storage account and key. */
const azuriteKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export type Azurite = { readonly url: string; stop(): Promise<void> };

/** A storage account's connection string, as AzureWebJobsStorage wants it. */
export function connectionStringOf({ url }: Azurite): string {
  const protocol = new URL(url).protocol.slice(0, -1);
  return `DefaultEndpointsProtocol=${protocol};AccountName=${azuriteAccount};AccountKey=${azuriteKey};BlobEndpoint=${url}/${azuriteAccount};`;
}

/** A real Azurite blob service that keeps everything in memory; listens when this resolves. */
export async function startAzurite(options: {
  readonly folder: string;
  readonly port?: number;
  readonly tls?: { readonly certPath: string; readonly keyPath: string };
}): Promise<Azurite> {
  const { folder, port = 0, tls } = options;
  const oauth = tls === undefined ? [] : ['--oauth', 'basic', '--cert', tls.certPath, '--key', tls.keyPath];
  const common = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const child = spawn(
    process.execPath,
    ['--import', endWithParent, entry, '--blobPort', String(port), ...common, ...oauth],
    { cwd: folder, env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] } },
  );
  const exited = once(child, 'exit');
  const complaints: string[] = [];
  child.stderr.on('data', (data: Buffer) => complaints.push(data.toString()));

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
  const why = complaints.join('').trim();
  throw why.includes('EADDRINUSE') ? portInUse(port) : new Error(`Azurite did not start: ${why}`);
}
