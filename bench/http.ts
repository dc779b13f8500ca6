import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCloud } from '../local/cloud/cloud.ts';
import { startHostProcess } from '../local/host/process.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const key = 'bench-key';
const list = '/api/customers/usagerecords';
const gzip = { 'accept-encoding': 'gzip' };
const plain = { 'accept-encoding': 'identity' };

type Load = {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Takes so long that many at once only queue: a few, one after the other. */
  readonly isHeavy?: boolean;
  /** Least allowed share of hello world's requests a second (design.md 12). */
  readonly least?: number;
};

export type Throughput = {
  readonly name: string;
  readonly perSecond: number;
  readonly ratio: number;
  readonly least?: number;
};

/**
 * Requests a second of the built app over the local cloud, beside a hello world function in the same kind of host: medians of
 * interleaved rounds of `seconds`, 16 connections (one for what is heavy), everything on one machine.
 */
export async function httpThroughput(customers: number, rounds: number, seconds: number): Promise<Throughput[]> {
  const folder = await mkdtemp(join(tmpdir(), 'usage-bench-'));
  const cloud = await startCloud({ folder, customers });
  await writeHelloApp(folder);
  const [app, hello] = await Promise.all([
    startServer(cloud.settings, [`--key=${key}`, '--master-key=bench-master']),
    startServer({}, [`--app=${folder}`, `--key=${key}`]),
  ]);
  try {
    await warm(app.base);
    const loads = await loadsOf(app.base, hello.base);
    const seen = loads.map((): number[] => []);
    // Both processes compile their hot paths first.
    for (const load of loads) await perSecondOf(load, 1);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, load] of loads.entries()) seen[index]?.push(await perSecondOf(load, seconds));
    }
    const units = seen[0] ?? [];
    return loads.map(({ name, least }, index) => ({
      name,
      perSecond: medianOf(seen[index] ?? []),
      ratio: medianOf((seen[index] ?? []).map((value, round) => value / (units[round] ?? Number.NaN))),
      ...(least === undefined ? {} : { least }),
    }));
  } finally {
    await Promise.all([app.stop(), hello.stop()]);
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function loadsOf(app: string, hello: string): Promise<Load[]> {
  const page = `${app}${list}?maxpagesize=50`;
  const known = await fetch(page, { headers: { 'x-functions-key': key } });
  const etag = known.headers.get('etag') ?? '';
  return [
    { name: 'hello world', path: `${hello}/api/hello`, headers: {} },
    { name: '50-row page, gzip', path: page, headers: gzip, least: 0.8 },
    { name: '50-row page, plain', path: page, headers: plain },
    { name: '304', path: page, headers: { 'if-none-match': etag }, least: 0.9 },
    { name: 'flat page of 50, gzip', path: `${page}&view=flat`, headers: gzip },
    { name: 'flat page of 50, plain', path: `${page}&view=flat`, headers: plain },
    { isHeavy: true, name: 'whole CSV, gzip, one by one', path: `${app}${list}?format=csv`, headers: gzip },
    {
      isHeavy: true,
      name: 'CSV of 5000 rows, plain, one by one',
      path: `${app}${list}?format=csv&top=5000`,
      headers: plain,
    },
    { name: 'summary, gzip', path: `${app}/api/usagesummary`, headers: gzip },
    { isHeavy: true, name: 'summary, plain, one by one', path: `${app}/api/usagesummary`, headers: plain },
    { name: 'events poll, nothing new', path: `${app}/api/budget-events`, headers: {} },
  ];
}

async function perSecondOf({ path, headers, isHeavy = false }: Load, seconds: number): Promise<number> {
  const given = Object.entries({ 'x-functions-key': key, ...headers }).flatMap(([name, value]) => [
    '-H',
    `${name}=${value}`,
  ]);
  const extent = isHeavy ? ['-c', '1', '-a', '4'] : ['-c', '16', '-d', String(seconds)];
  const { stdout } = await run('autocannon', [...extent, '-t', '120', '--json', '-n', ...given, path], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const { requests, duration, non2xx, '3xx': notModified, errors }: Cannonade = JSON.parse(stdout);
  if (errors > 0 || non2xx - notModified > 0)
    throw new Error(`${path} failed under load: ${errors} errors, ${non2xx - notModified} refusals`);
  return requests.total / duration;
}

type Cannonade = {
  readonly requests: { readonly total: number };
  readonly duration: number;
  readonly non2xx: number;
  readonly '3xx': number;
  readonly errors: number;
};

async function startServer(settings: Readonly<Record<string, string>>, args: readonly string[]) {
  // A line a request would be written and read for both, and measured with them.
  const host = startHostProcess({ port: 0, settings, args: [...args, '--log=warning'], onEntry: () => undefined });
  const { message } = await host.entryOf(undefined, 'host ready');
  return { base: message.replace('host ready ', ''), stop: host.stop };
}

async function warm(base: string): Promise<void> {
  const response = await fetch(`${base}${list}?top=1`, { headers: { 'x-functions-key': key } });
  if (!response.ok) throw new Error(`the app answered ${response.status}`);
}

async function writeHelloApp(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "main": "hello.cjs" }');
  await writeFile(join(folder, 'host.json'), '{ "version": "2.0" }');
  await copyFile(join(import.meta.dirname, 'hello.cjs'), join(folder, 'hello.cjs'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
