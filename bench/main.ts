import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from '../build.ts';
import { calculateGrowth } from './growth.ts';
import { measureEventLoop } from './measures/event-loop.ts';
import { measureHistory } from './measures/history.ts';
import { measureIndexBuild, startTaskRunner } from './measures/index-build.ts';
import { measureMemory } from './measures/memory.ts';
import type { Extent } from './measures/plan.ts';
import { measureRefresh } from './measures/refresh.ts';
import { measureAllRequests } from './measures/requests.ts';
import { measureSaturation } from './measures/saturation.ts';
import { measureStart } from './measures/start.ts';
import { isProfiled, printProfile } from './profile-command.ts';
import { formatReport, writeReport } from './report.ts';
import { isRouteName, routeNames, routes } from './routes.ts';
import type { Row } from './table.ts';
import { readAnswer, startTestBed } from './test-bed.ts';
import { createUsageBody } from './usage-body.ts';

const all = { routes: routeNames };
const full: Extent = { ...all, sizes: [250, 10_000, 100_000], indexSizes: [1_000_000], rounds: 7, seconds: 1.5 };
const quick: Extent = { ...all, sizes: [250, 10_000], indexSizes: [], rounds: 2, seconds: 0.1 };
const smoke: Extent = { ...all, sizes: [250], indexSizes: [], rounds: 1, seconds: 0.02 };
const measures = ['requests', 'latency', 'event-loop', 'refresh', 'index', 'history', 'memory', 'start'] as const;
type Measure = (typeof measures)[number];
const saturatedRecords = 10_000;
const profiledRecords = 10_000;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    records: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
    profile: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const sizes = options.records?.split(',').map(Number);
const chosen = options.only?.split(',') ?? [];
const extent = chooseExtent();
const measured = chooseMeasures();
const folder = await mkdtemp(join(tmpdir(), 'usage-bench-'));
const notes: string[] = [];
try {
  await buildApp();
  if (options.profile === undefined) await runBenchmark();
  else await runProfile(options.profile, sizes?.[0] ?? profiledRecords);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function chooseExtent(): Extent {
  const shortened = options.smoke ? smoke : quick;
  const { rounds, seconds, ...rest } = options.quick || options.smoke ? shortened : full;
  const named = chosen.filter(isRouteName);
  return {
    ...rest,
    ...(sizes !== undefined && { indexSizes: [], sizes }),
    ...(named.length > 0 && { routes: named }),
    rounds: Number(options.rounds ?? rounds),
    seconds: Number(options.seconds ?? seconds),
  };
}

/** The measures that `--only` names, and those of requests when it names routes alone. */
function chooseMeasures(): ReadonlySet<Measure> {
  const unknown = chosen.find((name) => !isRouteName(name) && !isMeasure(name));
  if (unknown !== undefined)
    throw new Error(`--only takes ${[...measures, ...routeNames].join(', ')}, and not ${unknown}`);
  if (chosen.length === 0) return new Set(measures);
  const named = chosen.filter(isMeasure);
  return new Set(named.length === 0 ? ['requests'] : named);
}

function isMeasure(name: string): name is Measure {
  return measures.some((measure) => measure === name);
}

async function runBenchmark(): Promise<void> {
  const taken: Row[] = [];
  for (const records of extent.sizes) taken.push(...(await measureSize(records)));
  const indexSizes = measured.has('index') ? extent.indexSizes : [];
  for (const records of indexSizes) taken.push(...(await measureIndexAlone(records)));
  taken.push(...calculateGrowth(taken));
  const rows = Object.values(Object.groupBy(taken, ({ group }) => group)).flatMap((group) => group ?? []);
  console.log(formatReport(rows, extent, notes));
  // A short run shows that everything works; the figures worth keeping are those of a full one.
  const isShort = options.quick || options.smoke || chosen.length > 0;
  const out = options.out ?? (isShort ? undefined : import.meta.dirname);
  if (out !== undefined) await writeReport(resolve(out), rows, extent, notes);
}

async function measureSize(records: number): Promise<Row[]> {
  const list = createUsageBody(records);
  const bed = await startTestBed(folder, list, records);
  const app = await bed.startApp();
  const runner = await startTaskRunner(folder, list);
  const rows: Row[] = [];
  const take = async (measure: Measure, measuring: () => Promise<Row[]>) => {
    if (!measured.has(measure)) return;
    console.error(`${records} records: ${measure}`);
    rows.push(...(await measuring()));
  };
  try {
    if (runner === undefined) throw new Error(`too little memory free for ${records} records`);
    await readAnswer(app, routes.page.path);
    // Every list but those of the first day is compared with the days before.
    await bed.refresh(app, 'next-day');
    await take('requests', () => measureAllRequests(bed, app, extent, notes));
    if (records === saturatedRecords) await take('latency', () => measureSaturation(bed, app, extent));
    await take('event-loop', () => measureEventLoop(bed, app, extent));
    await take('refresh', () => measureRefresh(bed, app, runner, extent));
    await take('index', () => measureIndexBuild(runner, records, extent));
    await take('history', () => measureHistory(folder, list, records, extent));
    await take('memory', () => measureMemory(bed, extent));
    await take('start', () => measureStart(bed, extent));
    return rows;
  } finally {
    runner?.stop();
    await app.stop();
    await bed.stop();
  }
}

async function measureIndexAlone(records: number): Promise<Row[]> {
  console.error(`${records} records: index`);
  const runner = await startTaskRunner(folder, createUsageBody(records));
  if (runner === undefined) {
    notes.push(`Index build of ${records} records: left out, too little memory free.`);
    return [];
  }
  try {
    return await measureIndexBuild(runner, records, extent);
  } finally {
    runner.stop();
  }
}

async function runProfile(name: string, records: number): Promise<void> {
  if (!isProfiled(name)) throw new Error(`--profile takes start, refresh or one of ${routeNames.join(', ')}`);
  const bed = await startTestBed(folder, createUsageBody(records), records);
  try {
    await printProfile(bed, name, full.seconds);
  } finally {
    await bed.stop();
  }
}
