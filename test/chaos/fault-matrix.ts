import { z } from 'zod';
import { refreshTokenName } from '../e2e/faults/fault-walk.ts';
import { routes } from './answers.ts';
import { createFleet } from './fleet.ts';
import type { Fleet, Member } from './fleet.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { Fault, World } from './world.ts';

const fiveMinutes = 1 / 12;
/** Hours to the first step with a fault, when a refresh must be due, and from one step to the next. */
const firstJumps = [1.1, 1.1, 1.1, 5, 26];
const jumps = [0.02, 0.04, 0.1, 0.1, 0.3, 0.6, 1.1, 5, 26];
/** Over this many hours a snapshot expires. */
const expiry = 8 * 24;
/** The longest back-off, a lease that nobody holds any more, and the timer: 30 + 1 + 5 minutes. */
const mostTimerTicks = 8;
/** A read that is not answered while upstream is silent waits for it: this only ends the wait. */
const stuckMs = 45_000;
const percents = [10, 30, 45, 55, 70, 85, 95, 105, 130];
/** The most calls that a refresh of a cold process makes. */
const callsOfRefresh = 24;

/** Faults of the local cloud one by one and in pairs, in an order out of the seed, each over some steps and until all is well again. */
export function createFaultMatrix(
  world: World,
  { seed, processes }: { readonly seed: number; readonly processes: number },
) {
  const { report, tell, watch, pollers } = world;
  const random = createRandom(seed, 1);
  const readers = createRandom(seed, 3);
  const fleet = createFleet(world);
  const drawFaults = createDeck(world, random);
  let steps = 0;

  async function begin(): Promise<void> {
    for (let started = 0; started < Math.min(2, processes); started += 1) await fleet.start();
    await Promise.all(fleet.alive().map(fleet.tick));
    await readAll(fleet.alive());
    while (!pollers.isStarted()) await poll();
  }

  /** One fault or two, until the service is fresh again. */
  async function runEpisode(): Promise<void> {
    const faults = await drawFaults();
    tell(`faults: ${faults.map(({ service, kind, times = 'lasting' }) => `${service} ${kind} ${times}`).join(', ')}`);
    await world.setFaults(faults);
    const count = random.between(1, 3);
    await runStep(random.pick(firstJumps));
    for (let step = 1; step < count; step += 1)
      await runStep(random.chance(0.05) && !isLockHeld() ? expiry : random.pick(jumps));
    await recover();
  }

  async function runStep(hours: number): Promise<void> {
    steps += 1;
    tell(`step ${steps}: ${hours} hours later`);
    await world.advance(hours);
    await changeProcesses();
    if (random.chance(0.5)) await world.setPercent(random.pick(world.storyCustomers), random.pick(percents));
    const ticking = random.shuffle(fleet.alive()).slice(0, random.between(1, processes));
    const plan = random.chance(0.4) ? planKill(random.pick(ticking)) : undefined;
    const onDemand = random.chance(0.2) && plan === undefined ? random.pick(fleet.alive()) : undefined;

    watch.hold();
    const refreshes = [...ticking.map(fleet.tick), ...(onDemand ? [refreshOnDemand(onDemand)] : [])];
    await readWhileUpstreamIsSilent(fleet.alive().filter(fleet.isWarm));
    watch.release();
    await Promise.all([...refreshes, readAll(fleet.alive()), poll()]);
    if (plan !== undefined && watch.endCut()) await fleet.kill(plan, 'after its refresh');
    await readAll(fleet.alive());
    for (const problem of pollers.takeProblems()) report(problem);
  }

  async function changeProcesses(): Promise<void> {
    const wanted = random.between(1, processes);
    if (fleet.alive().length > wanted && random.chance(0.3)) await fleet.kill(random.pick(fleet.alive()), 'while idle');
    while (fleet.alive().length === 0 || (fleet.alive().length < wanted && random.chance(0.6))) await fleet.start();
  }

  function planKill(member: Member): Member {
    const [call, when] = [random.between(1, callsOfRefresh), random.pick(['before', 'after'] as const)];
    watch.cutAt({ call, when, kill: async () => fleet.kill(member, `${when} call ${call}`) });
    return member;
  }

  async function refreshOnDemand(member: Member): Promise<void> {
    if (isLockHeld()) return;
    const reply = await fleet.ask(member, '/api/refresh', 'POST');
    const outcome = [reply?.status ?? 'killed', problemCode.parse(reply?.json).code].join(' ').trimEnd();
    const known = ['200', '202', '429 RefreshTooSoon', '503 RefreshFailed', '503 StorageUnavailable', 'killed'];
    if (!known.includes(outcome)) report(`${member.name} POST /api/refresh: ${outcome}`);
  }

  /** Readers without a usable snapshot wait a minute for a refresh that another process seems to make. */
  const isLockHeld = () => world.faults().some(({ kind }) => kind === 'lease-held');

  async function readAll(members: readonly Member[]): Promise<void> {
    await Promise.all(members.map(async (member) => fleet.read(member, readers.pick(routes).path)));
  }

  /** While Partner Center, Entra and Key Vault give no answer at all, these processes must: they hold a usable snapshot. */
  async function readWhileUpstreamIsSilent(members: readonly Member[]): Promise<void> {
    const reads = [...members, ...members].map(async (member) => fleet.read(member, readers.pick(routes).path));
    const { promise: stuck, resolve } = Promise.withResolvers<'stuck'>();
    const timer = setTimeout(() => resolve('stuck'), stuckMs);
    const outcome = await Promise.race([Promise.all(reads), stuck]);
    clearTimeout(timer);
    if (outcome === 'stuck') report('a read waited for upstream, although its process held a usable snapshot');
  }

  async function poll(): Promise<void> {
    await pollers.poll(async (path) => {
      const alive = fleet.alive();
      return alive.length === 0 ? undefined : fleet.ask(readers.pick(alive), path);
    });
  }

  /** Ends the faults. The timer alone must make everything fresh within the time that the documents name. */
  async function recover(): Promise<void> {
    tell('the faults end');
    if (fleet.alive().length === 0) await fleet.start();
    await world.clearFaults();
    if (world.failure() === 'UpstreamAuthRequired') await signInAgain();
    for (let ticks = 1; !(await isAllWell()); ticks += 1) {
      if (ticks > mostTimerTicks) return report(`not fresh again ${ticks - 1} ticks of the timer after the fault`);
      await world.advance(fiveMinutes);
      await Promise.all(fleet.alive().map(fleet.tick));
    }
    world.settle();
    await runHealthyHour();
  }

  /** What a person does who reads UpstreamAuthRequired: the secret gets a new version. */
  async function signInAgain(): Promise<void> {
    const { value } = await world.stage.secret(refreshTokenName);
    await world.stage.storeSecret(refreshTokenName, value);
  }

  /** Whether every process serves fresh data of the newest list, without a reason. */
  async function isAllWell(): Promise<boolean> {
    return (await findUnwell()).length === 0;
  }

  /** The processes that serve something else, with what it is. */
  async function findUnwell(): Promise<readonly string[]> {
    const said = await Promise.all(
      fleet.alive().map(async (member) => ({ ...(await readNewest(fleet, member, world)), name: member.name })),
    );
    const unwell = said.filter(({ isNewest, state, reason }) => !isNewest || state !== 'fresh' || reason !== undefined);
    return unwell.map(({ name, state, reason, fetchedAt }) => `${name} serves ${fetchedAt}, ${state}, ${reason}`);
  }

  /** With nothing wrong a refresh succeeds an hour later, the token is stored when it is due, and every event has been told. */
  async function runHealthyHour(): Promise<void> {
    const before = world.fetchedAt();
    await world.advance(1.02);
    await Promise.all(fleet.alive().map(fleet.tick));
    if (!(world.fetchedAt() > before)) report('an hour later nothing was refreshed, although nothing is wrong');
    world.token.checkAge(world.now());
    const calls = watch.countUpstream();
    for (const unwell of await findUnwell()) report(`after a refresh that nothing disturbed ${unwell}`);
    await readAll(fleet.alive());
    if (watch.countUpstream() !== calls) report('a read asked upstream, although there was a usable snapshot');
    for (let times = 0; times < 12; times += 1) await poll();
    for (const problem of pollers.findDifferences(world.expected, world.storyCustomers)) report(problem);
  }

  return { fleet, begin, runEpisode, steps: () => steps };
}

const problemCode = z.looseObject({ code: z.string().optional() }).catch({});
const snapshotSaid = z
  .object({ fetchedAt: z.string(), state: z.string(), reason: z.string().optional() })
  .catch({ fetchedAt: 'nothing', state: 'unavailable' });
const list = '/api/customers/usagerecords';
const mostReads = 20;

/** What a process says of its snapshot once it has seen the newest one. A read waits a second at most for news of another process. */
async function readNewest(fleet: Fleet, member: Member, world: World) {
  for (let reads = 1; ; reads += 1) {
    await fleet.read(member, list);
    const reply = await fleet.ask(member, list);
    const snapshot = snapshotSaid.parse(Object(reply?.json).snapshot);
    const isNewest = Date.parse(snapshot.fetchedAt) === world.fetchedAt();
    if (isNewest || reads === mostReads) return { ...snapshot, isNewest };
  }
}

/** Every kind of fault once, alone and in random order, each followed by a random pair; then pairs only. */
function createDeck(world: World, random: Random): () => Promise<readonly Fault[]> {
  let kinds: readonly Fault[] | undefined;
  let singles: readonly Fault[] = [];
  let isPairNext = false;

  return async function drawFaults() {
    if (kinds === undefined) {
      const { faultKinds } = await world.stage.control();
      kinds = Object.entries(faultKinds).flatMap(([service, names]) => names.map((kind) => ({ service, kind })));
      singles = random.shuffle(kinds);
    }
    const drawn = isPairNext || singles.length === 0 ? [random.pick(kinds), random.pick(kinds)] : singles.slice(0, 1);
    if (!isPairNext) singles = singles.slice(1);
    isPairNext = !isPairNext;
    return drawn.map((fault) => (random.chance(0.25) ? { ...fault, times: random.between(1, 3) } : fault));
  };
}
