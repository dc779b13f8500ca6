import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filterEvents,
  expectFreshAgain,
  expectLastGood,
  list,
  listOutcomes,
  startCold,
  startWalk,
} from '../faults/fault-walk.ts';
import type { Walk } from '../faults/fault-walk.ts';
import { openRefreshLock } from './refresh-lock.ts';
import type { App } from '../stage/stage.ts';

const customerId = '11111111-6fb9-4b05-8f15-b3d72e0596e6';
const documentedCost = '120.5682999999995904716';
const otherCost = '130.00000000000000000001';

let walk: Walk;

beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.stage.end());

async function setCost(totalCost: string): Promise<void> {
  await walk.stage.control({ setRecord: { customerId, raw: { totalCost } } });
}

/** Resolves as soon as the cloud has seen one more call of this kind; throws when the tick that was to make it is over. */
async function nextCall(kind: string, before: number, tick: Promise<void>): Promise<void> {
  let isOver = false;
  const markOver = () => {
    isOver = true;
  };
  void tick.then(markOver, markOver);
  while ((await walk.stage.calls(kind)) === before) {
    if (isOver) throw new Error(`the tick ended without a call of ${kind}`);
  }
}

/** Ticks in a process of its own, and kills that while its call of this kind is on its way. */
async function killDuring(service: string, fault: string, call: string): Promise<void> {
  const { stage } = walk;
  const victim = await startCold(walk);
  const before = await stage.calls(call);
  await stage.fault(service, fault);
  const tick = victim.tick();
  await nextCall(call, before, tick);
  await kill(victim);
  await stage.clearFaults();
}

/** The same while it writes to storage, when the list has been fetched. */
async function killDuringWrite(): Promise<void> {
  const { stage } = walk;
  const victim = await startCold(walk);
  // It holds the last good snapshot, so the next thing it does after the download is to write.
  expectLastGood(walk, await victim.get(list), undefined);
  const before = await stage.control({ latencyMs: 500 });
  const tick = victim.tick();
  await nextCall('usagerecords', before.calls['usagerecords'] ?? 0, tick);
  await stage.fault('storage', 'slow');
  await nextCall('storageWrite', before.calls['storageWrite'] ?? 0, tick);
  await kill(victim);
  await stage.control({ latencyMs: 0, faults: [] });
}

async function kill(victim: App): Promise<void> {
  victim.signal('SIGKILL');
  expect(await victim.ended).toBe('SIGKILL');
}

/** The lock is held by nobody that lives: nothing is refreshed until it has run out, and everybody reads. */
async function whySkipped(): Promise<unknown> {
  const { stage, app } = walk;
  const lock = openRefreshLock(stage);
  expect(await lock.state()).toEqual({ leaseState: 'leased', leaseDuration: 'fixed' });
  app.takeEvents();
  await app.tick();
  expectLastGood(walk, await app.get(list), undefined);
  await lock.runOut();
  return filterEvents(app.takeEvents(), 'refresh.skipped')[0]?.['why'];
}

describe('a process killed in the middle of a refresh', () => {
  it.each([
    { step: 'reading a secret', service: 'key-vault', fault: 'slow', call: 'secretGet' },
    { step: 'exchanging the token', service: 'entra', fault: 'slow', call: 'token' },
    { step: 'waiting for the list', service: 'partner-center', fault: 'timeout', call: 'usagerecords' },
    { step: 'halfway through the list', service: 'partner-center', fault: 'stall', call: 'usagerecords' },
  ])('$step: the others read on, and one takes over when the lease is over', async ({ service, fault, call }) => {
    await walk.stage.advanceHours(1.1);
    await killDuring(service, fault, call);
    expect(await whySkipped()).toBe('lease-held');
    await expectFreshAgain(walk);
  });

  it('writing a snapshot: nobody sees it before a whole refresh', async () => {
    await setCost(otherCost);
    await walk.stage.advanceHours(1.1);
    await killDuringWrite();
    expect(await whySkipped()).toBe('lease-held');
    await walk.stage.advanceHours(0.1);
    await walk.app.tick();
    expect((await walk.app.get(list)).body).toContain(`"totalCost":${otherCost}`);
    await setCost(documentedCost);
    await walk.stage.advanceHours(1);
    await expectFreshAgain(walk);
  });

  it('swapping the pointer: the old one stands', async () => {
    await walk.stage.advanceHours(1.1);
    await killDuringWrite();
    expect(await whySkipped()).toBe('lease-held');
    await expectFreshAgain(walk);
  });
});

describe('a process that stops for longer than its lease', () => {
  it('publishes nothing over what another one published meanwhile', async () => {
    const { stage, app } = walk;
    await stage.advanceHours(1.1);
    const sleeper = await startCold(walk);
    const before = await stage.control({ latencyMs: 500 });
    const tick = sleeper.tick();
    await nextCall('usagerecords', before.calls['usagerecords'] ?? 0, tick);
    sleeper.signal('SIGSTOP');
    await stage.control({ latencyMs: 0 });
    await setCost(otherCost);
    await openRefreshLock(stage).runOut();
    app.takeEvents();
    await app.tick();
    expect(listOutcomes(app.takeEvents())).toEqual(['refresh.published']);
    await setCost(documentedCost);
    sleeper.signal('SIGCONT');
    await tick;
    const failed = filterEvents(sleeper.events, 'refresh.failed');
    expect(failed).toMatchObject([{ code: 'StorageUnavailable', reason: 'conflict' }]);
    for (const one of [app, sleeper]) {
      const reply = await one.get(list);
      expect(reply.body).toContain(`"totalCost":${otherCost}`);
      expect(Object(reply.json).snapshot).not.toHaveProperty('reason');
    }
    await sleeper.stop();
    await stage.advanceHours(1.1);
    await expectFreshAgain(walk);
  });
});

describe('four processes that tick at once', () => {
  it('ask Partner Center once', async () => {
    const { stage } = walk;
    await stage.advanceHours(1.1);
    const apps = [walk.app, ...(await Promise.all([1, 2, 3].map(() => startCold(walk))))];
    for (const app of apps) app.takeEvents();
    const before = await stage.calls('usagerecords');
    await Promise.all(apps.map((app) => app.tick()));
    expect(await stage.calls('usagerecords')).toBe(before + 1);
    const outcomes = apps.flatMap((app) => listOutcomes(app.events));
    expect(outcomes.toSorted()).toEqual(['refresh.skipped', 'refresh.skipped', 'refresh.skipped', 'refresh.unchanged']);
    for (const app of apps) expectLastGood(walk, await app.get(list), undefined);
  });
});
