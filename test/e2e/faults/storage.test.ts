import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filterEvents,
  expectFreshAgain,
  expectLastGood,
  readFaultKinds,
  listKinds,
  list,
  listOutcomes,
  refreshUnder,
  startCold,
  startWalk,
} from './fault-walk.ts';
import type { Walk } from './fault-walk.ts';

/** Nothing can be read or written: a warm process serves what it holds, a cold one has nothing. */
const outages = [
  { kind: '403', says: { status: 403, errorCode: 'AuthorizationPermissionMismatch' } },
  { kind: 'container-missing', says: { status: 404, errorCode: 'ContainerNotFound' } },
  { kind: '503', says: { status: 503, errorCode: 'ServerBusy' } },
  { kind: 'slow', says: { errorCode: 'Timeout' } },
];

/** The snapshot blob cannot be read: a process that holds it does not care, a cold one has nothing. */
const lostBlobs = [
  { kind: 'corrupt-blob', reason: 'corrupt' },
  { kind: 'foreign-blob', reason: 'corrupt' },
  { kind: 'pointer-missing-blob', reason: 'missing' },
];

/** Nothing is published, and everybody reads. */
const standstills = [
  { kind: 'lease-held', outcome: 'refresh.skipped', says: { why: 'lease-held' } },
  { kind: 'pointer-newer', outcome: 'pointer.newer', says: { why: 'newer-pointer' } },
  { kind: '412', outcome: 'refresh.failed', says: { code: 'StorageUnavailable', reason: 'conflict' } },
];

describe('a fault of storage', () => {
  let walk: Walk;

  beforeAll(async () => {
    walk = await startWalk();
  });
  afterAll(() => walk.stage.end());

  const attempt = async (kind: string) => refreshUnder(walk, 'storage', { kind, hours: 1.1 });

  it('has a row here for every kind there is', async () => {
    expect(listKinds(outages, lostBlobs, standstills)).toEqual(await readFaultKinds(walk.stage, 'storage'));
  });

  it.each(outages)('$kind: StorageUnavailable, and the list from memory', async ({ kind, says }) => {
    const { stage, app } = walk;
    await stage.advanceHours(1.1);
    const cold = await startCold(walk);
    app.takeEvents();
    const before = await stage.calls('usagerecords');
    await stage.fault('storage', kind);
    expectLastGood(walk, await app.get(list), undefined);
    const [reply] = await Promise.all([cold.get(list), app.tick()]);
    const events = app.takeEvents();
    expect(listOutcomes(events)).toEqual(['refresh.failed']);
    expect(filterEvents(events, 'refresh.failed')).toMatchObject([{ code: 'StorageUnavailable', ...says }]);
    expect(await stage.calls('usagerecords')).toBe(before);
    expect(reply).toMatchObject({ status: 503, json: { code: 'StorageUnavailable' } });
    expect(reply.headers['retry-after']).toBe('5');
    expect(filterEvents(cold.events, 'read.unavailable')).toMatchObject([{ code: 'StorageUnavailable' }]);
    await expectFreshAgain(walk);
    expectLastGood(walk, await cold.get(list), undefined);
    await cold.stop();
  });

  it.each(standstills)('$kind: $outcome, and everybody reads the last good list', async ({ kind, outcome, says }) => {
    const { app } = walk;
    const { events } = await attempt(kind);
    expect(listOutcomes(events)).toEqual([outcome]);
    expect(filterEvents(events, outcome)).toMatchObject([says]);
    expectLastGood(walk, await app.get(list), undefined);
    const cold = await startCold(walk);
    expectLastGood(walk, await cold.get(list), undefined);
    await expectFreshAgain(walk);
    await cold.stop();
  });

  it.each(lostBlobs)('$kind: the list from memory, and 503 where there is none', async ({ kind, reason }) => {
    const { stage, app } = walk;
    const { events, calls } = await attempt(kind);
    expect(listOutcomes(events)).toEqual(['refresh.unchanged']);
    expect(calls).toBe(1);
    expectLastGood(walk, await app.get(list), undefined);
    const cold = await startCold(walk);
    const reply = await cold.get(list);
    expect(reply).toMatchObject({ status: 503, json: { code: 'CacheEmpty', reason: 'StorageUnavailable' } });
    expect(filterEvents(cold.events, 'pointer.check-failed')[0]).toMatchObject({ code: 'StorageUnavailable', reason });
    await stage.advanceHours(1);
    await expectFreshAgain(walk);
    expectLastGood(walk, await cold.get(list), undefined);
    await cold.stop();
  });

  it('412 with a changed list: nothing of it is visible', async () => {
    const { stage, app } = walk;
    const change = {
      customerId: '11111111-6fb9-4b05-8f15-b3d72e0596e6',
      raw: { totalCost: '130.00000000000000000001' },
    };
    await stage.control({ setRecord: change });
    const { events } = await attempt('412');
    expect(filterEvents(events, 'refresh.failed')).toMatchObject([{ code: 'StorageUnavailable', reason: 'conflict' }]);
    expectLastGood(walk, await app.get(list), undefined);
    await stage.clearFaults();
    await stage.advanceHours(0.1);
    await app.tick();
    expect((await app.get(list)).body).toContain('"totalCost":130.00000000000000000001');
  });
});
