import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { CloudOptions } from './cloud.ts';
import { defaultCloudPort, startCloud } from './cloud.ts';

const root = new URL('../../', import.meta.url);

/** `npm run cloud`: the cloud alone, and a local.settings.json, or a file of another name, for whatever Functions host comes. */
async function main(): Promise<void> {
  const { settingsFile, ...options } = optionsOf(process.argv.slice(2));
  const cloud = await startCloud({
    ...options,
    folder: fileURLToPath(new URL('.local', root)),
    say: (line) => console.log(line),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      cloud.stop().then(() => process.exit(0), fail);
    });
  }
  const file = { IsEncrypted: false, Values: cloud.settings, Host: {} };
  await writeFile(resolve(fileURLToPath(root), settingsFile), `${JSON.stringify(file, undefined, 2)}\n`);
  console.log(`wrote ${settingsFile}`);
  console.log(`control ${cloud.controlUrl}`);
  console.log('cloud ready');
}

function optionsOf(args: string[]): Omit<CloudOptions, 'folder'> & { readonly settingsFile: string } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { 'cloud-port': text, customers: text, latency: text, settings: text },
  });
  const port = wholeNumberOf('cloud-port', values['cloud-port'] ?? String(defaultCloudPort));
  return {
    settingsFile: values.settings ?? 'local.settings.json',
    ...(port > 0 && { port }),
    customers: wholeNumberOf('customers', values.customers ?? '250'),
    latencyMs: wholeNumberOf('latency', values.latency ?? '0'),
  };
}

function wholeNumberOf(name: string, text: string): number {
  const parsed = z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Error(`--${name} wants a whole number, not "${text}"`);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

main().catch(fail);
