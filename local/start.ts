import { once } from 'node:events';
import { createServer } from 'node:net';
import { relative, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildApp } from '../build.ts';
import { CommandError, describeError, exitWith, parseWholeNumber, readOptions } from '../setup/command-line.ts';
import { type Cloud, defaultCloudPort, startCloud } from './cloud/cloud.ts';
import { loadKeys } from './host/keys.ts';
import { type HostEntry, type HostProcess, startHostProcess } from './host/process.ts';
import { onStopRequest } from './stop-request.ts';

const folder = resolve(import.meta.dirname, '../.local');
const warmFunction = 'warm-usage-cache';
const warmWaitMs = 120_000;
const dayMs = 24 * 3_600_000;

/** `npm start`: builds the app and runs it on the local cloud until a signal or the end of the host. */
async function main(): Promise<void> {
  const { port, cloudPort, customers, latencyMs, days, warm } = readStartOptions();
  await refuseBusyPort(port);
  let host: HostProcess | undefined;
  let cloud: Cloud | undefined;
  let stopping: Promise<void> | undefined;

  /** Stops the host, then the cloud it needs to finish its work, then this process. A cloud that still starts ends with it. */
  function stopAll(code: number): void {
    stopping ??= (async () => {
      await host?.stop();
      await cloud?.stop();
    })().then(() => process.exit(code), exitWith);
  }

  function handleHostEnd(how: number | string): void {
    // The terminal's Ctrl-C also reaches the host, which may end first.
    if (stopping !== undefined || how === 0) return stopAll(0);
    console.error(`the host ended unexpectedly (${typeof how === 'number' ? `exit code ${how}` : how})`);
    stopAll(1);
  }

  onStopRequest(() => stopAll(0));
  try {
    say('building the app and starting the local cloud');
    const cloudOptions = { folder, port: cloudPort, customers, latencyMs, daysAgo: days, say };
    [cloud] = await Promise.all([startCloud(cloudOptions), buildApp()]);
    say('app built, local cloud started');

    const { host: key, master } = loadKeys({ folder });
    host = startHostProcess({ port, settings: cloud.settings, onEntry: showProblem });
    const ready = host.waitForEntry(undefined, 'host ready');
    void host.ended.then(handleHostEnd);
    const base = (await ready).message.replace('host ready ', '');
    say('host started');

    if (warm || days > 0) say(await warmCache(host, base, key, master));
    const eventsUrl = days > 0 ? await findEventsUrl(base, key) : null;
    if (days > 0) say(await passDays(days, cloud, host));
    showExamples(`${base}/api/customers/usagerecords`, key, cloud);
    if (eventsUrl !== null) say(`curl -H 'x-functions-key: ${key}' '${eventsUrl}'`);
  } catch (error) {
    console.error(describeError(error));
    stopAll(1);
  }
}

function readStartOptions() {
  const usage = 'npm start -- [options]: the whole service on this machine, with a simulated cloud';
  const given = readOptions(process.argv.slice(2), usage, {
    port: { type: 'string', default: '7071', help: 'the port of the service' },
    customers: { type: 'string', default: '250', help: 'how many records Partner Center lists' },
    latency: { type: 'string', default: '0', help: 'how many milliseconds Partner Center takes' },
    'cloud-port': { type: 'string', default: String(defaultCloudPort), help: 'the first of the ports of the cloud' },
    days: { type: 'string', default: '0', help: 'how many days go by before it is ready, with a refresh on each' },
    'no-warm': { type: 'boolean', default: false, help: 'starts without a first refresh' },
  });
  return {
    port: parseWholeNumber('port', given.port, 65_535),
    customers: parseWholeNumber('customers', given.customers, 1_000_000),
    latencyMs: parseWholeNumber('latency', given.latency, 600_000),
    cloudPort: parseWholeNumber('cloud-port', given['cloud-port'], 65_528),
    days: parseWholeNumber('days', given.days, 400),
    warm: !given['no-warm'],
  };
}

async function refuseBusyPort(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  await once(probe, 'listening').catch((cause: unknown) => {
    throw new CommandError({ what: `port ${port} is in use: choose another with -- --port N` }, { cause });
  });
  await once(probe.close(), 'close');
}

/** Runs the first refresh through the app's own timer function, and says how it went. */
async function warmCache(host: HostProcess, base: string, key: string, master: string): Promise<string> {
  const executed = host.waitForEntry(warmFunction, 'Executed');
  const { status } = await fetch(`${base}/admin/functions/${warmFunction}`, {
    method: 'POST',
    headers: { 'x-functions-key': master, 'content-type': 'application/json' },
    body: '{"input": ""}',
  });
  if (status !== 202) return `the first refresh could not be started: the host answered ${status}`;
  const entry = await Promise.race([executed, wait(warmWaitMs, undefined, { ref: false })]);
  if (entry === undefined) return 'the first refresh is still running';
  const { ok } = await fetch(`${base}/api/health/ready`, { headers: { 'x-functions-key': key } });
  const seconds = Number(/Duration=(\d+)ms/.exec(entry.message)?.[1]) / 1000;
  return ok ? `cache warmed: the first refresh took ${seconds} s` : 'the first refresh failed; the timer tries again';
}

/** Where the budget events begin that happen from now on. */
async function findEventsUrl(base: string, key: string): Promise<string | null> {
  const { headers } = await fetch(`${base}/api/budget-events`, { headers: { 'x-functions-key': key } });
  return headers.get('location');
}

/** Lets days go by until the real time: on each, the app's own timer refreshes. The last customer is not listed for three of them. */
async function passDays(days: number, { clock, list }: Cloud, host: HostProcess): Promise<string> {
  const startedAt = performance.now();
  const customers = list.customers();
  for (let left = days - 1; left >= 0; left -= 1) {
    list.setCustomers(left >= 8 && left <= 10 ? Math.max(0, customers - 1) : customers);
    const executed = host.waitForEntry(warmFunction, 'Executed');
    await clock.advance(dayMs);
    await Promise.race([executed, host.ended]);
  }
  return `${days} days passed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

function showExamples(url: string, key: string, { controlUrl, settings }: Cloud): void {
  const authority = relative(process.cwd(), settings['NODE_EXTRA_CA_CERTS'] ?? '');
  say(`ready ${url} key=${key}`);
  say(`control ${controlUrl}`);
  say(`curl -H 'x-functions-key: ${key}' '${url}'`);
  say(`curl -H 'x-functions-key: ${key}' '${url}?minPercentUsed=80&orderby=percentUsed%20desc'`);
  say(`curl --cacert ${authority} -H 'content-type: application/json' -d '{"advanceHours":2}' ${controlUrl}`);
}

function showProblem({ time, level, category, message }: HostEntry): void {
  if (['warning', 'error', 'critical'].includes(level)) say(`${time} ${level} ${category} ${message}`);
}

function say(line: string): void {
  console.log(line);
}

await main().catch(exitWith);
