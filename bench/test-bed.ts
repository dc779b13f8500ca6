import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import tls from 'node:tls';
import { startCloud } from '../local/cloud/cloud.ts';
import { functionKey, startMeasuredHost } from './measured-process.ts';
import type { MeasuredProcess } from './measured-process.ts';
import type { UsageBody } from './usage-body.ts';

const root = join(import.meta.dirname, '..');
/** Leap days: the timer does not run while something is measured. */
const neverDue = '0 0 0 29 2 *';

/** The app and whatever it is compared with, over one list, in one folder. */
export type TestBed = {
  readonly folder: string;
  readonly records: number;
  readonly hostHeaders: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** Starts the built app. */
  readonly startApp: (nodeOptions?: string) => Promise<MeasuredProcess>;
  /** Starts a function app that is one file of bench/baselines. */
  readonly startBaseline: (file: string, settings?: Readonly<Record<string, string>>) => Promise<MeasuredProcess>;
  /** Starts the built app and one file of bench/baselines as one function app, in one process. */
  readonly startAppWithBaseline: (file: string, settings: Readonly<Record<string, string>>) => Promise<MeasuredProcess>;
  /** Publishes a list: changed in one record, the same as before, or that of the next day. */
  readonly refresh: (app: MeasuredProcess, change: 'changed' | 'unchanged' | 'next-day') => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Starts the local cloud with `records` records and a server of `list` for those who fetch it by themselves. */
export async function startTestBed(parent: string, list: UsageBody, records: number): Promise<TestBed> {
  const folder = join(parent, String(records));
  await mkdir(folder);
  await writeFile(join(folder, 'no.settings.json'), '{}');
  const cloud = await startCloud({ folder, customers: records });
  // A refresh costs more on its first day and after each midnight, so no measure may meet one.
  await cloud.clock.advance(untilMorning(Date.now()));
  const authority = await readFile(cloud.settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  tls.setDefaultCACertificates([...tls.getCACertificates('bundled'), authority]);
  const upstream = await serveList(list.body);
  const settings = { ...cloud.settings, USAGE_REFRESH_SCHEDULE: neverDue };
  const hostJson = await readFile(join(root, 'host.json'), 'utf8');
  let customers = records;

  async function control(change: object): Promise<void> {
    const response = await fetch(cloud.controlUrl, { method: 'POST', body: JSON.stringify(change) });
    if (!response.ok) throw new Error(`the local cloud refused ${JSON.stringify(change)}: ${await response.text()}`);
  }

  /** Starts a function app whose `main` is this pattern below the repository. */
  async function startFiles(name: string, pattern: string, own: Readonly<Record<string, string>>) {
    const app = join(folder, name);
    await mkdir(app, { recursive: true });
    await writeFile(join(app, 'package.json'), JSON.stringify({ main: join(relative(app, root), pattern) }));
    await writeFile(join(app, 'host.json'), hostJson);
    const withUpstream = { ...settings, BENCH_UPSTREAM: upstream.origin, ...own };
    return await startMeasuredHost({ folder, name, app, settings: withUpstream });
  }

  return {
    folder,
    records,
    hostHeaders: Object.keys(JSON.parse(hostJson).extensions.http.customHeaders),
    settings,
    startApp: (nodeOptions = '') => startMeasuredHost({ folder, name: 'app', settings, nodeOptions }),
    startBaseline: (file, own = {}) => startFiles(file, `bench/baselines/${file}`, own),
    startAppWithBaseline: (file, own) =>
      startFiles(`app-with-${file}`, `{bench/baselines/${file},dist/index.cjs}`, own),
    refresh: async (app, change) => {
      if (change === 'changed') customers = 2 * records - 1 - customers;
      // Five minutes after a success another refresh may start.
      await control({ advanceHours: change === 'next-day' ? 24 : 0.1, customers });
      await readAnswer(app, '/api/refresh', 'POST');
    },
    stop: async () => {
      upstream.stop();
      await cloud.stop();
    },
  };
}

const hourMs = 3_600_000;

/** Milliseconds until the next 08:00 UTC, when the list of the day is there. */
function untilMorning(now: number): number {
  return 24 * hourMs - ((now - 8 * hourMs) % (24 * hourMs));
}

/** Sends one request and reads its answer to the end; throws unless it is a 200. */
export async function readAnswer({ origin }: MeasuredProcess, path: string, method = 'GET'): Promise<void> {
  const response = await fetch(`${origin}${path}`, { method, headers: { 'x-functions-key': functionKey } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status} ${text}`);
}

async function serveList(body: Buffer) {
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'max-age=3600',
      'content-length': body.length,
    });
    response.end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${port}`, stop };
}
