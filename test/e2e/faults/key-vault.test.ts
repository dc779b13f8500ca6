import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filterEvents,
  expectFreshAgain,
  expectLastGood,
  readFaultKinds,
  listKinds,
  list,
  listOutcomes,
  refreshTokenName,
  refreshUnder,
  startCold,
  startWalk,
} from './fault-walk.ts';
import type { Walk } from './fault-walk.ts';

const refusals = [
  { kind: '401', says: { status: 401 } },
  { kind: '403', says: { status: 403, errorCode: 'Forbidden' } },
  { kind: '404', says: { status: 404, errorCode: 'SecretNotFound' } },
  { kind: '429', says: { status: 429, errorCode: 'Throttled' } },
  { kind: '500', says: { status: 500 } },
  { kind: '503', says: { status: 503 } },
];

/** One of each sort: what is not tried again, and what is. */
const coldRefusals = refusals.filter(({ kind }) => ['403', '503'].includes(kind));

/** The first secret costs the whole of the adapter's patience, and no other one is asked for. */
const hangs = [{ kind: 'slow', says: { errorCode: 'TimeoutError' }, asked: 1 }];

describe('a fault of Key Vault', () => {
  let walk: Walk;

  beforeAll(async () => {
    walk = await startWalk();
  });
  afterAll(() => walk.stage.end());

  it('has a row here for every kind there is', async () => {
    expect(listKinds(refusals, hangs)).toEqual(await readFaultKinds(walk.stage, 'key-vault'));
  });

  it.each([...refusals, ...hangs])('$kind: secrets in memory do, and the list is fetched', async (row) => {
    const { kind, says, asked } = { asked: undefined, ...row };
    const { stage, app } = walk;
    const { events, calls } = await refreshUnder(walk, 'key-vault', { kind, hours: 1.1 });
    expect([undefined, calls]).toContain(asked);
    expect(listOutcomes(events)).toEqual(['refresh.unchanged']);
    expect(filterEvents(events, 'secret.stale')[0]).toMatchObject({ secretName: refreshTokenName, ...says });
    expectLastGood(walk, await app.get(list), undefined);
    await stage.advanceHours(1);
    await expectFreshAgain(walk);
  });

  it.each(coldRefusals)('$kind: SecretsUnavailable in a process that has none', async ({ kind, says }) => {
    const { stage } = walk;
    await stage.advanceHours(1.1);
    await stage.fault('key-vault', kind);
    const cold = await startCold(walk);
    await cold.tick();
    expect(filterEvents(cold.events, 'refresh.failed')).toMatchObject([{ code: 'SecretsUnavailable', ...says }]);
    expectLastGood(walk, await cold.get(list), 'SecretsUnavailable');
    await expectFreshAgain({ ...walk, app: cold });
    await cold.stop();
  });

  it('403 on the day of rotation: the new token is held, and stored by the first refresh after it', async () => {
    const { stage, app } = walk;
    const stored = await stage.secret(refreshTokenName);
    const { events } = await refreshUnder(walk, 'key-vault', { kind: '403', hours: 25 });
    expect(listOutcomes(events)).toEqual(['refresh.published']);
    expect(filterEvents(events, 'token.store-failed')).toMatchObject([{ code: 'SecretsUnavailable', status: 403 }]);
    await stage.clearFaults();
    expect(await stage.secret(refreshTokenName)).toEqual(stored);
    await stage.advanceHours(1.1);
    await app.tick();
    expect(filterEvents(app.takeEvents(), 'token.rotated')).toHaveLength(1);
    expect((await stage.secret(refreshTokenName)).id).not.toBe(stored.id);
  });
});
