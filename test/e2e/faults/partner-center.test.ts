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
import { listChanges, oddAnswers, passingFaults } from './partner-center-answers.ts';

/** Faults that last: nothing of them may replace the last good list. */
const failures = [
  { kind: '401', code: 'UpstreamForbidden', event: 'failed', says: { status: 401 } },
  { kind: '403', code: 'UpstreamForbidden', event: 'failed', says: { status: 403, upstreamCode: '900329' } },
  { kind: '404', code: 'UpstreamUnavailable', event: 'failed', says: { status: 404 } },
  { kind: '429', code: 'UpstreamThrottled', event: 'failed', says: { status: 429 } },
  { kind: '429-bare', code: 'UpstreamThrottled', event: 'failed', says: { status: 429 } },
  { kind: '500', code: 'UpstreamUnavailable', event: 'failed', says: { status: 500, upstreamCode: '800003' } },
  { kind: '502', code: 'UpstreamUnavailable', event: 'failed', says: { status: 502 } },
  { kind: '503', code: 'UpstreamUnavailable', event: 'failed', says: { status: 503 } },
  { kind: 'timeout', code: 'UpstreamUnavailable', event: 'failed', says: { failure: 'timeout' } },
  { kind: 'stall', code: 'UpstreamUnavailable', event: 'failed', says: { failure: 'timeout' } },
  { kind: 'reset', code: 'UpstreamUnavailable', event: 'failed', says: { failure: 'network' } },
  { kind: 'truncated', code: 'UpstreamInvalid', event: 'quarantined', says: {} },
  { kind: 'not-gzip', code: 'UpstreamInvalid', event: 'quarantined', says: { failure: 'content-coding' } },
  { kind: 'gzip-cut', code: 'UpstreamInvalid', event: 'quarantined', says: { failure: 'content-coding' } },
  { kind: 'brotli', code: 'UpstreamInvalid', event: 'quarantined', says: { failure: 'content-coding' } },
  { kind: 'gzip-bomb', code: 'UpstreamInvalid', event: 'quarantined', says: { failure: 'too-large' } },
  { kind: 'empty-list', code: 'UpstreamImplausible', event: 'quarantined', says: { rule: 'too-few-records' } },
  {
    kind: 'half-gone',
    code: 'UpstreamImplausible',
    event: 'quarantined',
    says: { rule: 'too-few-records', cure: 'refused-list' },
  },
  { kind: 'zero-cost', code: 'UpstreamImplausible', event: 'quarantined', says: { rule: 'all-costs-zero' } },
  { kind: 'foreign-next-link', code: 'UpstreamPartial', event: 'quarantined', says: { reason: 'foreign-link' } },
  { kind: 'endless-paging', code: 'UpstreamPartial', event: 'quarantined', says: { reason: 'repeated-link' } },
];

/** Only a person who signs in again ends it. */
const lockouts = [{ kind: 'mfa-required' }];

describe('a lasting fault of Partner Center', () => {
  let walk: Walk;

  beforeAll(async () => {
    walk = await startWalk({ PARTNER_CENTER_TIMEOUT_SECONDS: '1', USAGE_REFRESH_INTERVAL_MINUTES: '5' });
  });
  afterAll(() => walk.stage.end());

  it('has a row here for every kind there is', async () => {
    const kinds = (await readFaultKinds(walk.stage, 'partner-center')).filter((kind) => !isDocumentedCode(kind));
    expect(listKinds(failures, lockouts, passingFaults, oddAnswers, listChanges)).toEqual(kinds);
  });

  it.each(failures)('$kind: $code, refresh.$event, and the last good list', async ({ kind, code, event, says }) => {
    const { app } = walk;
    const { events } = await refreshUnder(walk, 'partner-center', { kind, hours: 0.1 });
    expect(listOutcomes(events)).toEqual([`refresh.${event}`]);
    const [outcome] = filterEvents(events, `refresh.${event}`);
    expect(outcome).toMatchObject({ code, ...says });
    expect(String(outcome?.['blob']).startsWith('quarantine/')).toBe(event === 'quarantined');
    expectLastGood(walk, await app.get(list), code);
    expect((await app.get('/api/health/ready')).json).toMatchObject({
      status: 'warn',
      lastFailure: { code, count: 1 },
    });
    await expectFreshAgain(walk);
  });

  it.each(lockouts)('$kind: UpstreamAuthRequired until the secret has a new version', async ({ kind }) => {
    const { stage, app } = walk;
    const { events } = await refreshUnder(walk, 'partner-center', { kind, hours: 0.1 });
    const failed = filterEvents(events, 'refresh.failed');
    expect(failed).toMatchObject([{ code: 'UpstreamAuthRequired', cure: 'sign-in-with-mfa', upstreamCode: '900421' }]);
    expectLastGood(walk, await app.get(list), 'UpstreamAuthRequired');
    const before = await stage.calls('usagerecords');
    await stage.clearFaults();
    await stage.advanceHours(0.1);
    await app.tick();
    expect(filterEvents(app.takeEvents(), 'refresh.skipped')).toMatchObject([{ why: 'waiting-for-token' }]);
    expect(await stage.calls('usagerecords')).toBe(before);
    await stage.storeSecret(refreshTokenName, (await stage.secret(refreshTokenName)).value);
    await expectFreshAgain(walk);
  });

  it('never brought a token, or a request, to another host', async () => {
    expect((await walk.stage.control()).calls).toMatchObject({ foreignHost: 0, foreignHostWithToken: 0 });
  });
});
