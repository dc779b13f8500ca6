import { deepStrictEqual } from 'node:assert';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNginx } from '../baselines/nginx.ts';
import { startLoad } from '../load.ts';
import { startMeasuredScript } from '../measured-process.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import { createBarePath, recordAnswers } from '../recorded-answers.ts';
import { listRoutes, routes } from '../routes.ts';
import { runInterleaved, summarize } from '../statistics.ts';
import { createRow, type Limit, type Row } from '../table.ts';
import type { TestBed } from '../test-bed.ts';
import { peerNames, startPeers } from './peers.ts';
import { measureInTurns } from './in-turns.ts';
import { measureRequests, withCpuTime } from './plan.ts';
import type { Extent, LoadFigures, RequestLoad } from './plan.ts';

const group = 'CPU a request';
const bareLimit: Limit = { of: 'ratio', atMost: 1.08 };
const peerLimit: Limit = { of: 'ratio', atMost: 0.1 };
const peerRecords = 10_000;
/** These parse the whole list for each request. */
const parsing: ReadonlySet<string> = new Set(['naive', 'undici-cache']);

/** CPU time a request of the app and of everything it is compared with. */
export async function measureAllRequests(
  bed: TestBed,
  app: MeasuredProcess,
  extent: Extent,
  notes: string[],
): Promise<Row[]> {
  const { answers, etag } = await recordAnswers(app.origin, bed.hostHeaders);
  const answersFile = join(bed.folder, 'answers.json');
  await writeFile(answersFile, JSON.stringify(answers));
  const pageFile = join(bed.folder, 'page.json.gz');
  const wholePage = answers.find(({ name }) => name === 'page-of-10000');
  await writeFile(pageFile, Buffer.from(wholePage?.base64 ?? '', 'base64'));

  const stops: (() => unknown)[] = [];
  const started = async <T extends { stop: () => unknown }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    stops.push(server.stop);
    return server;
  };
  try {
    const load = startLoad();
    stops.push(load.stop);
    const hello = await started(bed.startBaseline('hello.ts'));
    const both = await started(bed.startAppWithBaseline('bare.ts', { BENCH_ANSWERS: answersFile }));
    const repeated = await recordAnswers(both.origin, bed.hostHeaders, createBarePath);
    deepStrictEqual(repeated.answers, answers, 'the bare handler sends other bytes or headers than the app');
    const { seconds } = extent;
    const work: Record<string, () => Promise<Figures>> = {};
    const add = (
      name: string,
      server: Parameters<typeof measureRequests>[1],
      request: Omit<RequestLoad, 'seconds'>,
    ): void => {
      work[name] = async () => ({ [name]: await measureRequests(load, server, { ...request, seconds }) });
    };
    add('hello', withCpuTime(hello), { path: '/api/hello', headers: {} });
    if (extent.routes.includes('page-of-10000')) {
      const buffer = await started(
        startMeasuredScript(bed.folder, join(import.meta.dirname, '../baselines/node-buffer.ts'), [pageFile]),
      );
      const plain = { headers: {}, isHeavy: true, path: '/' };
      add(whole.buffer, withCpuTime(buffer), plain);
      const nginx = await startNginx(bed.folder, buffer.origin);
      if (nginx) {
        stops.push(nginx.stop);
        add(whole.nginx, nginx, plain);
      } else notes.push(`nginx is not on PATH: no proxy_cache at ${bed.records} records.`);
    }
    for (const [name, route] of listRoutes(extent.routes)) {
      const known = route.status === 304 ? { 'if-none-match': etag } : {};
      const request = { ...route, headers: { ...route.headers, ...known } };
      if (!route.isRepeated) {
        add(name, withCpuTime(app), request);
        continue;
      }
      const own = { ...request, seconds };
      const loads = { app: own, bare: { ...own, path: createBarePath(name, route.path) } };
      work[name] = async () => nameCompared(name, await measureInTurns(load, both, loads));
    }
    if (extent.routes.some((name) => !routes[name].isRepeated)) {
      const peers = await startPeers(bed);
      for (const name of peerNames) {
        stops.push(peers[name].stop);
        if (name !== 'naive' && !extent.routes.includes('filtered')) continue;
        const isHeavy = bed.records >= peerRecords && parsing.has(name);
        add(name, withCpuTime(peers[name]), { ...routes.filtered, isHeavy });
      }
    }
    return createRows(listByName(await runInterleaved(work, extent.rounds)), bed.records);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

/** The figures of one round by what was measured. */
type Figures = Readonly<Record<string, LoadFigures>>;

/** The baseline is the mean of both: how they differ is luck. */
function nameCompared(name: string, { app, bare, bareAgain }: Awaited<ReturnType<typeof measureInTurns>>): Figures {
  return {
    [name]: app,
    [`bare ${name}`]: averageCpu(bare, bareAgain),
    [`one bare ${name}`]: bare,
    [`the same again: ${name}`]: bareAgain,
  };
}

function averageCpu(one: LoadFigures, other: LoadFigures): LoadFigures {
  return { ...one, cpuMs: (one.cpuMs + other.cpuMs) / 2 };
}

function listByName(rounds: Readonly<Record<string, readonly Figures[]>>): Readonly<Record<string, LoadFigures[]>> {
  const listed: Record<string, LoadFigures[]> = {};
  for (const figures of Object.values(rounds).flat()) {
    for (const [name, each] of Object.entries(figures)) (listed[name] ??= []).push(each);
  }
  return listed;
}

/** What is compared on a page of the whole list, besides the bare handler. */
const whole = { buffer: 'node:http writing one Buffer', nginx: 'nginx proxy_cache' };

function createRows(figures: Readonly<Record<string, LoadFigures[]>>, records: number): Row[] {
  const rows: Row[] = [];
  const compare = (name: string, label: string, baseline: string, limit?: Limit): void => {
    if (!(name in figures && baseline in figures)) return;
    const listCpu = (each: string) => (figures[each] ?? []).map(({ cpuMs }) => cpuMs);
    rows.push(
      createRow({
        group,
        name: label,
        records,
        unit: 'ms',
        values: listCpu(name),
        perSecond: summarize((figures[name] ?? []).map(({ perSecond }) => perSecond)).median,
        against: { name: baseline, values: listCpu(baseline) },
        limit,
      }),
    );
  };
  compare('hello', 'hello world', 'hello');
  for (const [name, route] of listRoutes()) {
    if (route.isRepeated && name !== 'page-of-10000') compare(name, name, `bare ${name}`, bareLimit);
    else if (route.cpuLimitMs !== undefined && records === 100_000) {
      compare(name, name, 'naive', { of: 'value', atMost: route.cpuLimitMs });
    } else if (name !== 'page-of-10000' && name !== 'filtered') compare(name, name, 'naive');
  }
  const limit = records === peerRecords ? peerLimit : undefined;
  for (const peer of peerNames) compare('filtered', 'filtered', peer, limit);
  for (const peer of peerNames) compare(peer, `filtered by ${peer}`, 'hello');
  for (const [name, { isRepeated }] of listRoutes()) {
    if (isRepeated) compare(`one bare ${name}`, `control: ${name}`, `the same again: ${name}`);
  }
  for (const server of ['bare page-of-10000', whole.buffer, whole.nginx]) {
    compare('page-of-10000', 'page-of-10000', server);
  }
  return rows;
}
