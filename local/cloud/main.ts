import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitWith, parseWholeNumber, readOptions } from '../../setup/command-line.ts';
import { onStopRequest } from '../stop-request.ts';
import { type Cloud, type CloudOptions, defaultCloudPort, startCloud } from './cloud.ts';

const root = new URL('../../', import.meta.url);

/** `npm run cloud`: the cloud alone, and a local.settings.json, or a file of another name, for whatever Functions host comes. */
async function main(): Promise<void> {
  const { settingsFile, ...options } = readCloudOptions();
  let cloud: Cloud | undefined;
  // A cloud that still starts ends with this process.
  onStopRequest(() => void Promise.resolve(cloud?.stop()).then(() => process.exit(0), exitWith));
  cloud = await startCloud({
    ...options,
    folder: fileURLToPath(new URL('.local', root)),
    say: (line) => console.log(line),
  });
  const file = { IsEncrypted: false, Values: cloud.settings, Host: {} };
  await writeFile(resolve(fileURLToPath(root), settingsFile), `${JSON.stringify(file, undefined, 2)}\n`);
  console.log(`wrote ${settingsFile}`);
  console.log(`control ${cloud.controlUrl}`);
  console.log('cloud ready');
}

function readCloudOptions(): Omit<CloudOptions, 'folder'> & { readonly settingsFile: string } {
  const given = readOptions(process.argv.slice(2), 'npm run cloud -- [options]: the simulated cloud alone', {
    'cloud-port': { type: 'string', default: String(defaultCloudPort), help: 'the first of its ports' },
    customers: { type: 'string', default: '250', help: 'how many records Partner Center lists' },
    latency: { type: 'string', default: '0', help: 'how many milliseconds Partner Center takes' },
    settings: { type: 'string', default: 'local.settings.json', help: 'the file it writes the settings of the app to' },
  });
  return {
    settingsFile: given.settings,
    port: parseWholeNumber('cloud-port', given['cloud-port'], 65_528),
    customers: parseWholeNumber('customers', given.customers, 1_000_000),
    latencyMs: parseWholeNumber('latency', given.latency, 600_000),
  };
}

await main().catch(exitWith);
