import { gunzipSync } from 'node:zlib';
import { openContainer } from '../e2e/stage/usage-container.ts';
import type { Call, Cut } from './call-watch.ts';
import { routes } from './answers.ts';
import { createFleet } from './fleet.ts';
import type { Member } from './fleet.ts';
import { createRandom } from './random.ts';
import type { World } from './world.ts';

const percents = [10, 45, 60, 85, 95, 110, 130];
/** Another day's list, a daily blob to write, and a refresh token that is due. */
const nextDay = 25;
const leaseOver = 61 / 3600;

/** After this many kills the pollers are asked what they were told. */
const killsAPoll = 4;

type Point = Pick<Cut, 'call' | 'when'>;

/** Kills a process at each call of a refresh, before the service sees it and after it has taken effect, over and over. */
export function createKillPoints(world: World, { seed }: { readonly seed: number }) {
  const { report, tell, watch, pollers } = world;
  const random = createRandom(seed, 1);
  const fleet = createFleet(world);
  const killedAt = new Map<string, number>();
  let survivor: Member | undefined;
  let points: readonly Point[] = [];
  let checked = 0;

  async function begin(): Promise<void> {
    survivor = await fleet.start();
    await fleet.tick(survivor);
    await readEverything(survivor);
    while (!pollers.isStarted()) await poll(survivor);
  }

  /** Kills one process at the next point, then lets another one finish its work. */
  async function runKill(): Promise<void> {
    if (survivor === undefined) throw new Error('the kills have not begun');
    if (points.length === 0) points = random.shuffle(await listPoints());
    const [point = { call: 1, when: 'before' }, ...rest] = points;
    points = rest;
    await prepareRefresh();
    await killAt(await fleet.start(), point);
    await checkAfterwards(survivor);
  }

  async function prepareRefresh(): Promise<void> {
    await world.advance(nextDay);
    await world.setPercent(random.pick(world.storyCustomers), random.pick(percents));
  }

  /** Both sides of every call that a refresh of a process without memory makes. */
  async function listPoints(): Promise<Point[]> {
    await prepareRefresh();
    const whole = await fleet.start();
    const before = watch.countAll();
    await fleet.tick(whole);
    const calls = watch.countAll() - before;
    await fleet.kill(whole, `after a refresh of ${calls} calls`);
    const numbers = Array.from({ length: calls }, (_, call) => call + 1);
    return numbers.flatMap((call): Point[] => [
      { call, when: 'before' },
      { call, when: 'after' },
    ]);
  }

  async function killAt(victim: Member, { call, when }: Point): Promise<void> {
    watch.cutAt({
      call,
      when,
      kill: async (at) => {
        const name = `${when} ${describeCall(at)}`;
        killedAt.set(name, (killedAt.get(name) ?? 0) + 1);
        await fleet.kill(victim, name);
      },
    });
    await fleet.tick(victim);
    if (watch.endCut()) await fleet.kill(victim, 'after its refresh');
  }

  async function checkAfterwards(other: Member): Promise<void> {
    await readEverything(other);
    await fleet.tick(other);
    await world.advance(leaseOver);
    await fleet.tick(other);
    const ageHours = (world.now() - world.fetchedAt()) / 3_600_000;
    if (ageHours > 1) report('the lock outlived its lease: nothing was refreshed a minute after the kill');
    world.token.checkAge(world.now());
    await world.advance(0.1);
    await readEverything(other);
    await poll(other);
    checked += 1;
    if (checked % killsAPoll === 0) await checkEvents(other);
  }

  /** A flow that loses answers has everything after some polls. */
  async function checkEvents(other: Member): Promise<void> {
    for (let times = 0; times < 10; times += 1) await poll(other);
    for (const problem of pollers.findDifferences(world.expected, world.storyCustomers)) report(problem);
  }

  async function readEverything(member: Member): Promise<void> {
    // A request waits a second at most for news of another process; the next one has them.
    for (const { path } of [...routes, ...routes]) await fleet.read(member, path);
  }

  async function poll(member: Member): Promise<void> {
    await pollers.poll(async (path) => fleet.ask(member, path));
    for (const problem of pollers.takeProblems()) report(problem);
  }

  /** Every blob of lines that was ever written is whole. */
  async function checkBlobs(): Promise<number> {
    const container = openContainer(world.stage);
    let blobs = 0;
    for await (const { name } of container.listBlobsFlat()) {
      if (!name.endsWith('.gz')) continue;
      blobs += 1;
      if (
        !gunzipSync(await container.getBlobClient(name).downloadToBuffer())
          .toString()
          .endsWith('\n')
      ) {
        report(`the blob ${name} is cut off`);
      }
    }
    tell(`${blobs} blobs are whole`);
    return blobs;
  }

  return { fleet, begin, runKill, checkBlobs, killedAt };
}

/** `storage PUT refresh.lock acquire`, `key-vault GET`: a call without what differs from day to day. */
function describeCall({ service, exchange }: Call): string {
  const { method, url, headers } = exchange;
  const [, name] = /\/usage\/([\w.-]+)/.exec(url.pathname) ?? [];
  const isKnownRows = url.pathname.includes('known-rows');
  const parts = [service, method, isKnownRows ? 'known-rows' : name, headers['x-ms-lease-action']];
  return parts.filter((part) => part !== undefined).join(' ');
}
