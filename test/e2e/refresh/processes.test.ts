import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WrapService } from '../../../local/cloud/cloud.ts';
import type { Exchange } from '../../../local/cloud/http.ts';
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

const otherCost = '130.00000000000000000001';

type Hold = { readonly service: string; readonly isHeld: (exchange: Exchange) => boolean };

let walk: Walk;
let held: (Hold & { readonly arrived: () => void; readonly released: Promise<void> }) | undefined;

/** Lets a call that is held wait until it is released. */
const wrap: WrapService = (service, handle) => async (exchange) => {
  if (held?.service === service && held.isHeld(exchange)) {
    held.arrived();
    await held.released;
  }
  return handle(exchange);
};

/** Holds the calls of this kind from now on; `arrived` resolves with the first. */
function hold(kind: Hold) {
  const [arrival, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  held = { ...kind, arrived: arrival.resolve, released: end.promise };
  const release = () => {
    held = undefined;
    end.resolve();
  };
  return { arrived: arrival.promise, release };
}

const theList: Hold = { service: 'partner-center', isHeld: () => true };
const thePointer: Hold = {
  service: 'storage',
  isHeld: ({ method, url }) => method === 'PUT' && url.pathname.endsWith('/current.json'),
};

beforeAll(async () => {
  walk = await startWalk({}, { wrap });
});
afterAll(() => walk.stage.end());

async function setCost(totalCost: string): Promise<void> {
  const customerId = '11111111-6fb9-4b05-8f15-b3d72e0596e6';
  await walk.stage.control({ setRecord: { customerId, raw: { totalCost } } });
}

// The chaos test kills at every call of a refresh, by the dozen.
describe('a process killed in the middle of a refresh', () => {
  it.each([
    { step: 'waiting for the list', kind: theList },
    { step: 'swapping the pointer', kind: thePointer },
  ])('$step: the others read on, and one takes over when the lease is over', async ({ kind }) => {
    const { stage, app } = walk;
    await stage.advanceHours(1.1);
    const victim = await startCold(walk);
    const { arrived, release } = hold(kind);
    void victim.tick();
    await arrived;
    victim.signal('SIGKILL');
    expect(await victim.ended).toBe('SIGKILL');
    const lock = openRefreshLock(stage);
    expect(await lock.state()).toEqual({ leaseState: 'leased', leaseDuration: 'fixed' });
    app.takeEvents();
    await app.tick();
    expect(filterEvents(app.takeEvents(), 'refresh.skipped')).toMatchObject([{ why: 'lease-held' }]);
    expectLastGood(walk, await app.get(list), undefined);
    await lock.runOut();
    held = undefined;
    await expectFreshAgain(walk);
    release();
  });
});

describe('a process that stops for longer than its lease', () => {
  it('publishes nothing over what another one published meanwhile', async () => {
    const { stage, app } = walk;
    await stage.advanceHours(1.1);
    const sleeper = await startCold(walk);
    const { arrived, release } = hold(theList);
    const tick = sleeper.tick();
    await arrived;
    sleeper.signal('SIGSTOP');
    release();
    await setCost(otherCost);
    await openRefreshLock(stage).runOut();
    app.takeEvents();
    await app.tick();
    expect(listOutcomes(app.takeEvents())).toEqual(['refresh.published']);
    await setCost('120.5682999999995904716');
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

describe('three processes that tick at once', () => {
  it('ask Partner Center once', async () => {
    const { stage } = walk;
    await stage.advanceHours(1.1);
    const apps = [walk.app, ...(await Promise.all([1, 2].map(() => startCold(walk))))];
    for (const app of apps) app.takeEvents();
    const before = await stage.calls('usagerecords');
    await Promise.all(apps.map((app) => app.tick()));
    expect(await stage.calls('usagerecords')).toBe(before + 1);
    const outcomes = apps.flatMap((app) => listOutcomes(app.events));
    expect(outcomes.toSorted()).toEqual(['refresh.skipped', 'refresh.skipped', 'refresh.unchanged']);
    for (const app of apps) expectLastGood(walk, await app.get(list), undefined);
  });
});
