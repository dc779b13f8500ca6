import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLoad } from './load.ts';
import { measureRequests, withCpuTime } from './measures/plan.ts';
import { findLargestCosts, profileSchema, type Profile } from './profile.ts';
import { recordAnswers } from './recorded-answers.ts';
import { isRouteName, routes, type Route, type RouteName } from './routes.ts';
import { readAnswer, type TestBed } from './test-bed.ts';

const shown = 10;

type Profiled = RouteName | 'start' | 'refresh';

/** Whether this can be profiled: a route, the start of the app, or a refresh. */
export function isProfiled(name: string): name is Profiled {
  return name === 'start' || name === 'refresh' || isRouteName(name);
}

/** Prints where the CPU time goes: the largest costs by self time, of a route under load, a cold start to its first page, or a refresh. */
export async function printProfile(bed: TestBed, name: Profiled, seconds: number): Promise<void> {
  const profile = await takeProfile(bed, name, seconds);
  console.log(`\n${name}, ${bed.records} records: the largest costs by self time\n`);
  for (const { what, selfMs, share } of findLargestCosts(profile, shown)) {
    console.log(`${(share * 100).toFixed(1).padStart(5)} %  ${selfMs.toFixed(1).padStart(8)} ms  ${what}`);
  }
}

async function takeProfile(bed: TestBed, name: Profiled, seconds: number): Promise<Profile> {
  if (name === 'start') return await profileStart(bed);
  return name === 'refresh' ? await profileRefresh(bed) : await profileRoute(bed, name, seconds);
}

async function profileRefresh(bed: TestBed): Promise<Profile> {
  const app = await bed.startApp();
  try {
    await readAnswer(app, routes.page.path);
    await bed.refresh(app, 'changed');
    await app.startProfile();
    await bed.refresh(app, 'changed');
    return await app.endProfile();
  } finally {
    await app.stop();
  }
}

async function profileRoute(bed: TestBed, name: RouteName, seconds: number): Promise<Profile> {
  const load = startLoad();
  const app = await bed.startApp();
  try {
    await readAnswer(app, routes.page.path);
    const server = withCpuTime(app);
    const { etag } = await recordAnswers(app.origin, []);
    const route: Route = routes[name];
    const known = route.status === 304 ? { 'if-none-match': etag } : {};
    const request = { ...route, headers: { ...route.headers, ...known }, seconds };
    await measureRequests(load, server, request);
    await app.startProfile();
    await measureRequests(load, server, request);
    return await app.endProfile();
  } finally {
    load.stop();
    await app.stop();
  }
}

async function profileStart(bed: TestBed): Promise<Profile> {
  // The first instance publishes the list; the second one starts as an instance does that is added later.
  for (const options of ['', `--cpu-prof --cpu-prof-dir=${bed.folder}`]) {
    const app = await bed.startApp(options);
    await readAnswer(app, routes.page.path);
    await app.stop();
  }
  const files = (await readdir(bed.folder)).filter((file) => file.endsWith('.cpuprofile'));
  return profileSchema.parse(JSON.parse(await readFile(join(bed.folder, files[0] ?? ''), 'utf8')));
}
