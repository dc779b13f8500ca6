import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoad } from '../../bench/load.ts';
import type { LoadResult } from '../../bench/load.ts';
import { functionKey, startMeasuredHost } from '../../bench/measured-process.ts';
import { routes } from '../../bench/routes.ts';
import { send } from '../support/http-client.ts';
import type { Reply } from '../e2e/stage/stage.ts';
import { createRandom } from './random.ts';
import { calculateSlope } from './slope.ts';
import type { Sample } from './slope.ts';
import type { World } from './world.ts';

/** One route after the other gets the whole load. */
const mix = ['page-gzip', 'filtered', 'summary', 'sorted', 'flat-sorted', 'search', 'csv', 'events', 'page'] as const;
const sliceSeconds = 5;
const connections = 16;
/** An hour of the story; a refresh is due in each. */
const slicesAnHour = 4;
const percents = [10, 45, 60, 85, 95, 110, 130];
const megabyte = 2 ** 20;

export type SoakOptions = {
  readonly seed: number;
  readonly minutes: number;
  /** Requests a second. */
  readonly rate: number;
};

export type Trend = { readonly first: number; readonly last: number; readonly slopeAnHour: number };

type Soak = {
  readonly minutes: number;
  readonly hours: number;
  readonly requests: number;
  readonly errors: readonly string[];
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly refreshes: number;
  readonly events: number;
  /** Resident memory after the warm-up. */
  readonly residentMb: Trend;
  /** Live memory, collected once in each hour of the story. */
  readonly liveMb: Trend;
};

/** A steady load on one process while its data changes every hour of the story, in seconds. A fifth of the time warms up. */
export async function runSoak(world: World, { seed, minutes, rate }: SoakOptions): Promise<Soak> {
  const random = createRandom(seed, 1);
  const folder = await mkdtemp(join(tmpdir(), 'usage-soak-'));
  await writeFile(join(folder, 'no.settings.json'), '{}');
  const { settings } = world.stage;
  const app = await startMeasuredHost({ folder, name: 'app', settings });
  const load = startLoad();
  const headers = { 'x-functions-key': functionKey };
  const results: LoadResult[] = [];
  const errors: string[] = [];
  const resident: Sample[] = [];
  const live: Sample[] = [];

  async function get(path: string): Promise<Reply> {
    const reply = await send(app.origin, path, { headers });
    return { ...reply, json: undefined };
  }

  async function poll(): Promise<void> {
    await world.pollers.poll(get);
    errors.push(...world.pollers.takeProblems());
  }

  /** The timer of the app sees that an hour has passed, and refreshes. */
  async function passHour(): Promise<void> {
    await world.setPercent(random.pick(world.storyCustomers), random.pick(percents));
    await world.advance(1.02);
  }

  async function sampleMemory(slice: number): Promise<void> {
    const at = performance.now() / 3_600_000;
    resident.push({ at, value: (await app.readUsage()).rssBytes / megabyte });
    if (slice % slicesAnHour !== 0) return;
    // Memory outside the heap is free only after the collection that follows.
    await app.collectGarbage();
    await app.collectGarbage();
    live.push({ at, value: (await app.readUsage()).liveBytes / megabyte });
  }

  async function runSlice(slice: number): Promise<void> {
    const route = routes[mix[slice % mix.length] ?? 'page'];
    const { path, headers: own, status = 200 } = { status: undefined, ...route };
    const plan = { origin: app.origin, paths: [path], headers: { ...headers, ...own }, connections, atLeast: 0 };
    try {
      results.push(await load.run({ ...plan, status, seconds: sliceSeconds, perSecond: rate }));
    } catch (error) {
      errors.push(String(error));
    }
  }

  try {
    // The first reader finds nothing and starts the first refresh.
    await get('/api/customers/usagerecords');
    while (!world.pollers.isStarted()) await poll();
    const slices = Math.ceil((minutes * 60) / sliceSeconds);
    const warmUp = Math.floor(slices / 5);
    for (let slice = 0; slice < slices; slice += 1) {
      if (slice % slicesAnHour === 0) await passHour();
      await runSlice(slice);
      await poll();
      if (slice > warmUp) await sampleMemory(slice);
    }
    await world.advance(0.1);
    await get('/api/customers/usagerecords');
    for (let times = 0; times < 12; times += 1) await poll();
    errors.push(...world.pollers.findDifferences(world.expected, world.storyCustomers));
  } finally {
    load.stop();
    await app.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const requests = results.reduce((sum, result) => sum + result.requests, 0);
  const p99s = results.map(({ p99Ms }) => p99Ms).toSorted((one, other) => one - other);
  return {
    minutes,
    hours: (world.now() - world.startedAt) / 3_600_000,
    requests,
    errors,
    perSecond: requests / (results.length * sliceSeconds),
    p99Ms: p99s[Math.floor(p99s.length / 2)] ?? Number.NaN,
    refreshes: world.publications(),
    events: world.expected.required().size,
    residentMb: describeTrend(resident),
    liveMb: describeTrend(live),
  };
}

function describeTrend(samples: readonly Sample[]): Trend {
  const [first = Number.NaN, last = Number.NaN] = [samples.at(0)?.value, samples.at(-1)?.value];
  return { first, last, slopeAnHour: calculateSlope(samples) };
}
