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
import { measureRequests, withCpuTime, type Extent, type LoadFigures, type RequestLoad } from './plan.ts';

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
    const bare = await started(bed.startBaseline('bare.ts', { BENCH_ANSWERS: answersFile }));
    const repeated = await recordAnswers(bare.origin, bed.hostHeaders, createBarePath);
    deepStrictEqual(repeated.answers, answers, 'the bare handler sends other bytes or headers than the app');
    const buffer = await started(
      startMeasuredScript(bed.folder, join(import.meta.dirname, '../baselines/node-buffer.ts'), [pageFile]),
    );
    const nginx = await startNginx(bed.folder, buffer.origin);
    if (nginx) stops.push(nginx.stop);
    else notes.push(`nginx is not on PATH: no proxy_cache at ${bed.records} records.`);

    const { seconds } = extent;
    const measure = (server: Parameters<typeof measureRequests>[1], request: Omit<RequestLoad, 'seconds'>) => () =>
      measureRequests(load, server, { ...request, seconds });
    const plain = { headers: {}, isHeavy: true };
    const work: Record<string, () => Promise<LoadFigures>> = {
      hello: measure(withCpuTime(hello), { path: '/api/hello', headers: {} }),
      'node:http writing one Buffer': measure(withCpuTime(buffer), { ...plain, path: '/' }),
      ...(nginx && { 'nginx proxy_cache': measure(nginx, { ...plain, path: '/' }) }),
    };
    for (const [name, route] of listRoutes()) {
      const known = route.status === 304 ? { 'if-none-match': etag } : {};
      const request = { ...route, headers: { ...route.headers, ...known } };
      work[name] = measure(withCpuTime(app), request);
      if (!route.isRepeated) continue;
      work[`bare ${name}`] = measure(withCpuTime(bare), { ...request, path: createBarePath(name, route.path) });
    }
    const peers = await startPeers(bed);
    for (const name of peerNames) {
      stops.push(peers[name].stop);
      const isHeavy = bed.records >= peerRecords && parsing.has(name);
      work[name] = measure(withCpuTime(peers[name]), { ...routes.filtered, isHeavy });
    }
    return createRows(await runInterleaved(work, extent.rounds), bed.records);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

function createRows(figures: Readonly<Record<string, LoadFigures[]>>, records: number): Row[] {
  const createOne = (name: string, label: string, baseline: string, limit?: Limit): Row => {
    const listCpu = (each: string) => (figures[each] ?? []).map(({ cpuMs }) => cpuMs);
    return createRow({
      group,
      name: label,
      records,
      unit: 'ms',
      values: listCpu(name),
      perSecond: summarize((figures[name] ?? []).map(({ perSecond }) => perSecond)).median,
      against: { name: baseline, values: listCpu(baseline) },
      limit,
    });
  };
  const rows = [createOne('hello', 'hello world', 'hello')];
  for (const [name, route] of listRoutes()) {
    if (route.isRepeated && name !== 'page-of-10000') rows.push(createOne(name, name, `bare ${name}`, bareLimit));
    else if (route.cpuLimitMs !== undefined && records === 100_000) {
      rows.push(createOne(name, name, 'naive', { of: 'value', atMost: route.cpuLimitMs }));
    } else if (name !== 'page-of-10000' && name !== 'filtered') rows.push(createOne(name, name, 'naive'));
  }
  const limit = records === peerRecords ? peerLimit : undefined;
  for (const peer of peerNames) rows.push(createOne('filtered', 'filtered', peer, limit));
  for (const peer of peerNames) rows.push(createOne(peer, `filtered by ${peer}`, 'hello'));
  const whole = ['bare page-of-10000', 'node:http writing one Buffer', 'nginx proxy_cache'];
  for (const server of whole.filter((name) => name in figures))
    rows.push(createOne('page-of-10000', 'page-of-10000', server));
  return rows;
}
