import { once } from 'node:events';
import { createServer } from 'node:net';
import { relative, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildApp } from '../build.ts';
import { type Cloud, defaultCloudPort, startCloud } from './cloud/cloud.ts';
import { CommandError } from '../setup/command-error.ts';
import { exitWith, parseWholeNumber, readOptions } from '../setup/command-line.ts';
import { loadKeys } from './host/keys.ts';
import { type HostEntry, type HostProcess, startHostProcess } from './host/process.ts';

const folder = resolve(import.meta.dirname, '../.local');
const warmFunction = 'warm-usage-cache';
const warmWaitMs = 120_000;

/** What has to be stopped again, as far as it was started. */
const started: { cloud?: Promise<Cloud>; host?: HostProcess; stopping?: Promise<void> } = {};

async function main(): Promise<void> {
  const { port, cloudPort, customers, latencyMs, warm } = startOptions();
  await refuseBusyPort(port);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll(0));

  say('building the app and starting the local cloud');
  started.cloud = startCloud({ folder, customers, latencyMs, say, ...(cloudPort > 0 && { port: cloudPort }) });
  // Both are awaited to their end, so that a failure of one leaves nothing of the other behind.
  const [built, cloudStarted] = await Promise.allSettled([buildApp(), started.cloud]);
  if (built.status === 'rejected') throw built.reason;
  if (cloudStarted.status === 'rejected') throw cloudStarted.reason;
  const cloud = cloudStarted.value;
  say('app built, local cloud started');

  const { host: key, master } = loadKeys({ folder });
  const host = startHostProcess({ port, settings: cloud.settings, onEntry: showTrouble });
  started.host = host;
  const isServing = host.waitForEntry(undefined, 'host ready');
  void host.ended.then((how) => hostEnded(how));
  const base = (await isServing).message.replace('host ready ', '');
  say('host started');

  if (warm) await warmCache(host, base, key, master);
  sayWhatToTry(`${base}/api/customers/usagerecords`, key, cloud);
}

function startOptions() {
  const given = readOptions(
    process.argv.slice(2),
    'npm start -- [options]: the whole service on this machine, with a simulated cloud',
    {
      port: { type: 'string', default: '7071', help: 'the port of the service' },
      customers: { type: 'string', default: '250', help: 'how many records Partner Center lists' },
      latency: { type: 'string', default: '0', help: 'how many milliseconds Partner Center takes' },
      'cloud-port': { type: 'string', default: String(defaultCloudPort), help: 'the first of the ports of the cloud' },
      'no-warm': { type: 'boolean', default: false, help: 'starts without a first refresh' },
    },
  );
  return {
    port: parseWholeNumber('port', given.port, 65_535),
    customers: parseWholeNumber('customers', given.customers, 1_000_000),
    latencyMs: parseWholeNumber('latency', given.latency, 600_000),
    cloudPort: parseWholeNumber('cloud-port', given['cloud-port'], 65_528),
    warm: !given['no-warm'],
  };
}

async function refuseBusyPort(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new CommandError({ what: `port ${port} is in use: choose another with -- --port N` }, { cause: error });
  }
  probe.close();
  await once(probe, 'close');
}

/** The first refresh, through the app's own timer function. */
async function warmCache(host: HostProcess, base: string, key: string, master: string): Promise<void> {
  const executed = host.waitForEntry(warmFunction, 'Executed');
  const response = await fetch(`${base}/admin/functions/${warmFunction}`, {
    method: 'POST',
    headers: { 'x-functions-key': master, 'content-type': 'application/json' },
    body: '{"input": ""}',
  });
  if (response.status !== 202)
    return say(`the first refresh could not be started: the host answered ${response.status}`);
  const entry = await Promise.race([executed, wait(warmWaitMs, undefined, { ref: false })]);
  if (entry === undefined) return say('the first refresh is still running');
  const ready = await fetch(`${base}/api/health/ready`, { headers: { 'x-functions-key': key } });
  const seconds = Number(/Duration=(\d+)ms/.exec(entry.message)?.[1]) / 1000;
  say(
    ready.ok ? `cache warmed: the first refresh took ${seconds} s` : 'the first refresh failed; the timer tries again',
  );
}

function sayWhatToTry(url: string, key: string, { controlUrl, settings }: Cloud): void {
  const authority = relative(process.cwd(), settings['NODE_EXTRA_CA_CERTS'] ?? '');
  say(`ready ${url} key=${key}`);
  say(`control ${controlUrl}`);
  say(`curl -H 'x-functions-key: ${key}' '${url}'`);
  say(`curl -H 'x-functions-key: ${key}' '${url}?minPercentUsed=80&orderby=percentUsed%20desc'`);
  say(`curl --cacert ${authority} -H 'content-type: application/json' -d '{"advanceHours":2}' ${controlUrl}`);
}

function showTrouble({ time, level, category, message }: HostEntry): void {
  if (['warning', 'error', 'critical'].includes(level)) say(`${time} ${level} ${category} ${message}`);
}

function hostEnded(how: number | string): void {
  // It got the terminal's Ctrl-C itself and was faster.
  if (started.stopping !== undefined || how === 0) return void stopAll(0);
  console.error(`the host ended unexpectedly (${typeof how === 'number' ? `exit code ${how}` : how})`);
  void stopAll(1);
}

/** Stops the host, then the cloud it needs to finish its work, then this process. */
async function stopAll(code: number): Promise<void> {
  started.stopping ??= (async () => {
    await started.host?.stop();
    const cloud = await started.cloud?.catch(() => undefined);
    await cloud?.stop();
    process.exit(code);
  })();
  await started.stopping.catch(exitWith);
}

function say(line: string): void {
  console.log(line);
}

await main().catch(async (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  await stopAll(1);
});
