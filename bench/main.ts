import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from '../build.ts';
import { calculateGrowth } from './growth.ts';
import { measureEventLoop } from './measures/event-loop.ts';
import { measureIndexBuild, startTaskRunner } from './measures/index-build.ts';
import { measureMemory } from './measures/memory.ts';
import type { Extent } from './measures/plan.ts';
import { measureRefresh } from './measures/refresh.ts';
import { measureAllRequests } from './measures/requests.ts';
import { measureSaturation } from './measures/saturation.ts';
import { measureStart } from './measures/start.ts';
import { isProfiled, printProfile } from './profile-command.ts';
import { formatReport, writeReport } from './report.ts';
import { routes } from './routes.ts';
import type { Row } from './table.ts';
import { readAnswer, startTestBed } from './test-bed.ts';
import { createUsageBody } from './usage-body.ts';

const full: Extent = { sizes: [250, 10_000, 100_000], indexSizes: [1_000_000], rounds: 7, seconds: 1.5 };
const quick: Extent = { sizes: [250, 10_000], indexSizes: [], rounds: 2, seconds: 0.1 };
const smoke: Extent = { sizes: [250], indexSizes: [], rounds: 1, seconds: 0.02 };
const saturatedRecords = 10_000;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    out: { type: 'string' },
    profile: { type: 'string' },
    records: { type: 'string', default: '10000' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const extent = chooseExtent();
const folder = await mkdtemp(join(tmpdir(), 'usage-bench-'));
const notes: string[] = [];
try {
  await buildApp();
  if (options.profile === undefined) await runBenchmark();
  else await runProfile(options.profile, Number(options.records));
} finally {
  await rm(folder, { recursive: true, force: true });
}

function chooseExtent(): Extent {
  const shortened = options.smoke ? smoke : quick;
  const { rounds, seconds, ...chosen } = options.quick || options.smoke ? shortened : full;
  return {
    ...chosen,
    ...(options.sizes !== undefined && { indexSizes: [], sizes: options.sizes.split(',').map(Number) }),
    rounds: Number(options.rounds ?? rounds),
    seconds: Number(options.seconds ?? seconds),
  };
}

async function runBenchmark(): Promise<void> {
  const measured: Row[] = [];
  for (const records of extent.sizes) measured.push(...(await measureSize(records)));
  for (const records of extent.indexSizes) measured.push(...(await measureIndexAlone(records)));
  measured.push(...calculateGrowth(measured));
  const rows = Object.values(Object.groupBy(measured, ({ group }) => group)).flatMap((group) => group ?? []);
  console.log(formatReport(rows, extent, notes));
  // A short run shows that everything works; the figures worth keeping are those of a full one.
  const isShort = options.quick || options.smoke;
  const out = options.out ?? (isShort ? undefined : import.meta.dirname);
  if (out !== undefined) await writeReport(resolve(out), rows, extent, notes);
}

async function measureSize(records: number): Promise<Row[]> {
  const list = createUsageBody(records);
  const bed = await startTestBed(folder, list, records);
  const app = await bed.startApp();
  const runner = await startTaskRunner(folder, list);
  const rows: Row[] = [];
  const take = async (title: string, measuring: () => Promise<Row[]>) => {
    console.error(`${records} records: ${title}`);
    rows.push(...(await measuring()));
  };
  try {
    if (runner === undefined) throw new Error(`too little memory free for ${records} records`);
    await readAnswer(app, routes.page.path);
    await take('requests', () => measureAllRequests(bed, app, extent, notes));
    if (records === saturatedRecords) await take('latency', () => measureSaturation(bed, app, extent));
    await take('event loop', () => measureEventLoop(bed, app, extent));
    await take('refresh', () => measureRefresh(bed, app, runner, extent));
    await take('index', () => measureIndexBuild(runner, records, extent));
    await take('memory', () => measureMemory(bed, extent));
    await take('cold start', () => measureStart(bed, extent));
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
  if (!isProfiled(name)) throw new Error(`--profile takes start or one of ${Object.keys(routes).join(', ')}`);
  const bed = await startTestBed(folder, createUsageBody(records), records);
  try {
    await printProfile(bed, name, full.seconds);
  } finally {
    await bed.stop();
  }
}
