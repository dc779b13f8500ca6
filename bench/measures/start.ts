import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { receive } from '../child-message.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import { routes } from '../routes.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Limit, type Row } from '../table.ts';
import { readAnswer, type TestBed } from '../test-bed.ts';
import type { Extent } from './plan.ts';

const root = join(import.meta.dirname, '../..');
const loadSchema = z.object({ ms: z.number(), cpuMs: z.number() });

/** Stands for the time in which Microsoft's host indexes the functions it has loaded, which was not measured by itself. */
const indexingMs = 1000;

/**
 * Time and CPU of a host and an app up to the first answer, beside functions that do only what a first page cannot do without. A host
 * that is asked as soon as it listens leaves the app no time to prepare.
 */
export async function measureStart(bed: TestBed, { rounds }: Extent): Promise<Row[]> {
  const app = { start: () => bed.startApp(), path: routes.page.path };
  const hello = { start: () => bed.startBaseline('hello.ts'), path: '/api/hello' };
  const firstPage = (file: string) => ({ start: () => bed.startBaseline(file), path: '/api/first-page' });
  const figures = await runInterleaved<Figures>(
    {
      hello: () => measureFirstAnswer(hello),
      app: () => measureFirstAnswer(app),
      sdk: () => measureFirstAnswer(firstPage('first-page-sdk.ts')),
      fetch: () => measureFirstAnswer(firstPage('first-page-fetch.ts')),
      'hello asked later': () => measureLateAnswer(hello),
      'app asked later': () => measureLateAnswer(app),
      'hello loads': () => measureLoad(join(root, 'bench/baselines/hello.ts'), bed.settings),
      'bundle loads': () => measureLoad(join(root, 'dist/index.cjs'), bed.settings),
    },
    rounds,
    { isCold: true },
  );
  const row = (name: string, [own, baseline]: readonly [string, string], figure: keyof Figures, limit?: Limit) =>
    createRow({
      group: 'Cold start',
      name,
      records: bed.records,
      unit: 'ms',
      values: figures[own]?.map((each) => each[figure]) ?? [],
      against: { name: baseline, values: figures[baseline]?.map((each) => each[figure]) ?? [] },
      limit,
    });
  return [
    row('host started to first page', ['app', 'hello'], 'ms', { of: 'ratio', atMost: 1.1 }),
    row('a function that reads two blobs, bundled SDK', ['sdk', 'hello'], 'ms'),
    row('a function that reads two blobs, fetch', ['fetch', 'hello'], 'ms'),
    row('host started to first page, CPU', ['app', 'hello'], 'cpuMs'),
    row('a function that reads two blobs, bundled SDK, CPU', ['sdk', 'hello'], 'cpuMs'),
    row('a function that reads two blobs, fetch, CPU', ['fetch', 'hello'], 'cpuMs'),
    row('first page, asked a second after the start', ['app asked later', 'hello asked later'], 'ms'),
    row('load of the bundle', ['bundle loads', 'hello loads'], 'ms', { of: 'value', atMost: 80 }),
  ];
}

type Figures = { readonly ms: number; readonly cpuMs: number };
type Started = { readonly start: () => Promise<MeasuredProcess>; readonly path: string };

/** From starting the host to its first answer. */
async function measureFirstAnswer({ start, path }: Started): Promise<Figures> {
  const startedAt = performance.now();
  const server = await start();
  return await measureAnswer(server, path, startedAt);
}

/** The first answer of a host that has been ready for a second. */
async function measureLateAnswer({ start, path }: Started): Promise<Figures> {
  const server = await start();
  await setTimeout(indexingMs);
  return await measureAnswer(server, path, performance.now());
}

async function measureAnswer(server: MeasuredProcess, path: string, startedAt: number): Promise<Figures> {
  try {
    await readAnswer(server, path);
    return { ms: performance.now() - startedAt, cpuMs: (await server.readUsage()).cpuMs };
  } finally {
    await server.stop();
  }
}

async function measureLoad(file: string, settings: TestBed['settings']): Promise<Figures> {
  const child = fork(new URL('load-file.ts', import.meta.url), [file], { env: { ...process.env, ...settings } });
  return await receive(child, loadSchema);
}
