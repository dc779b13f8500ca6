import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filterEvents,
  expectFreshAgain,
  expectLastGood,
  readFaultKinds,
  isDocumentedCode,
  listKinds,
  list,
  listOutcomes,
  refreshTokenName,
  refreshUnder,
  startWalk,
} from './fault-walk.ts';
import type { Walk } from './fault-walk.ts';

/** No token, no list: the last good one stays. */
const failures = [
  { kind: 'client-secret-expired', code: 'UpstreamForbidden', tries: 1, says: { errorCodes: '7000222' } },
  { kind: 'temporarily-unavailable', code: 'UpstreamUnavailable', tries: 4, says: { errorCodes: '90033' } },
  { kind: '500', code: 'UpstreamUnavailable', tries: 4, says: { status: 500 } },
  { kind: '503', code: 'UpstreamUnavailable', tries: 4, says: { status: 503 } },
];

/** Only a person who signs in again ends these. */
const lockouts = [
  { kind: 'refresh-token-expired', says: { errorCodes: '700082', cure: 'sign-in' } },
  { kind: 'mfa-required', says: { errorCodes: '50076', cure: 'sign-in-with-mfa' } },
];

/** The token comes all the same. */
const oddities = [{ kind: 'slow' }, { kind: 'no-refresh-token' }, { kind: 'expires-in-text' }];

describe('a fault of Entra', () => {
  let walk: Walk;

  beforeAll(async () => {
    walk = await startWalk();
  });
  afterAll(() => walk.stage.end());

  /** After more than an hour, when the access token has expired too. */
  const attempt = async (kind: string) => refreshUnder(walk, 'entra', { kind, hours: 1.1 });

  it('has a row here for every kind there is', async () => {
    // An authorization code is a matter of the first consent: test/setup/consent.test.ts.
    const ofConsent = [{ kind: 'code-expired' }];
    const kinds = (await readFaultKinds(walk.stage, 'entra')).filter((kind) => !isDocumentedCode(kind));
    expect(listKinds(failures, lockouts, oddities, ofConsent)).toEqual(kinds);
  });

  it.each(failures)('$kind: $code after $tries tries, and the last good list', async ({ kind, code, tries, says }) => {
    const found = await attempt(kind);
    expect(listOutcomes(found.events)).toEqual(['refresh.failed']);
    expect(filterEvents(found.events, 'refresh.failed')).toMatchObject([{ code, ...says }]);
    expect(found.calls).toBe(tries);
    expectLastGood(walk, await walk.app.get(list), code);
    await expectFreshAgain(walk);
  });

  it.each(lockouts)('$kind: UpstreamAuthRequired until the secret has a new version', async ({ kind, says }) => {
    const { stage, app } = walk;
    const found = await attempt(kind);
    expect(listOutcomes(found.events)).toEqual(['refresh.failed']);
    expect(filterEvents(found.events, 'refresh.failed')).toMatchObject([{ code: 'UpstreamAuthRequired', ...says }]);
    expect(found.calls).toBe(1);
    expectLastGood(walk, await app.get(list), 'UpstreamAuthRequired');
    const before = await stage.calls('token');
    await stage.clearFaults();
    await stage.advanceHours(0.1);
    await app.tick();
    expect(filterEvents(app.takeEvents(), 'refresh.skipped')).toMatchObject([{ why: 'waiting-for-token' }]);
    expect(await stage.calls('token')).toBe(before);
    await stage.storeSecret(refreshTokenName, (await stage.secret(refreshTokenName)).value);
    await expectFreshAgain(walk);
  });

  it.each(oddities)('$kind: the list is fetched all the same', async ({ kind }) => {
    const { events, calls } = await attempt(kind);
    expect(listOutcomes(events)).toEqual(['refresh.unchanged']);
    expect(calls).toBe(1);
    expectLastGood(walk, await walk.app.get(list), undefined);
    await walk.stage.advanceHours(1);
    await expectFreshAgain(walk);
  });

  it('no-refresh-token on the day of its rotation: the stored one stays, and is replaced when Entra sends one', async () => {
    const { stage, app } = walk;
    await stage.advanceHours(25);
    const stored = await stage.secret(refreshTokenName);
    const { events } = await attempt('no-refresh-token');
    expect(filterEvents(events, 'token.rotated')).toEqual([]);
    expect(await stage.secret(refreshTokenName)).toEqual(stored);
    await stage.clearFaults();
    await stage.advanceHours(1.1);
    await app.tick();
    expect(filterEvents(app.takeEvents(), 'token.rotated')).toHaveLength(1);
    expect((await stage.secret(refreshTokenName)).id).not.toBe(stored.id);
  });

  it('refresh-token-expired while the data has expired too: readers ask Key Vault once a minute', async () => {
    const { stage, app } = walk;
    await stage.advanceHours(8 * 24);
    await stage.fault('entra', 'refresh-token-expired');
    const readsOf = async (times: number) => {
      const before = await stage.calls('secretGet');
      for (let read = 0; read < times; read += 1) {
        expect((await app.get(list)).json).toMatchObject({ code: 'SnapshotExpired', reason: 'UpstreamAuthRequired' });
      }
      return (await stage.calls('secretGet')) - before;
    };
    // The attempt asks for both secrets and looks whether there is a newer token; the next reader looks once more.
    expect(await readsOf(2)).toBe(4);
    expect(await readsOf(5)).toBe(0);
    await stage.advanceHours(0.02);
    expect(await readsOf(5)).toBe(1);
    await stage.storeSecret(refreshTokenName, (await stage.secret(refreshTokenName)).value);
    await stage.clearFaults();
    await app.tick();
    expect((await app.get(list)).status).toBe(200);
  });
});
