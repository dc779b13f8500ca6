import { describe, expect, it } from 'vitest';
import { apiError, page, recordJson, startPartnerCenter } from '../support/services/partner-center.ts';
import type { ScriptedAnswer } from '../support/services/scripted-server.ts';

const good = page([recordJson('a')]);
const partnerCenter = await startPartnerCenter();

function asked() {
  return partnerCenter.server.requests;
}

function requestIds() {
  return asked().map(({ headers }) => headers['ms-requestid']);
}

describe('a passing failure of Partner Center', () => {
  it.each<[string, ScriptedAnswer]>([
    ['408', { status: 408 }],
    ['429', { status: 429, json: { statusCode: 429, message: 'Rate limit is exceeded.' } }],
    ['500', apiError(500, 900192)],
    ['502 with HTML', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway</html>' }],
    ['503', { status: 503 }],
    ['504', { status: 504 }],
    ['a reset', { fault: 'reset' }],
    ['a body cut short', { ...good, fault: 'cut' }],
  ])('(%s) is tried again under a new request id', async (_what, answer) => {
    const { usage, call, time, valuesOf } = partnerCenter.createUsage();
    partnerCenter.server.script(answer, good);
    expect((await usage.download(call)).snapshot.count).toBe(1);
    expect(time.waits).toEqual([250]);
    expect(new Set(requestIds()).size).toBe(2);
    expect(valuesOf('upstream.retried', 'waitMs')).toEqual([250]);
  });

  it('is tried again under the same request id when no answer came in time', async () => {
    const { usage, call } = partnerCenter.createUsage({ attemptTimeoutMs: 400 });
    partnerCenter.server.script({ fault: 'silent' }, { fault: 'silent' }, { status: 503 }, good);
    await usage.download(call);
    const [first, second, third, fourth] = requestIds();
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
  });

  it('is tried again under a new request id when the body stood still', async () => {
    const { usage, call } = partnerCenter.createUsage({ attemptTimeoutMs: 400 });
    partnerCenter.server.script({ ...good, fault: 'stall' }, good);
    await usage.download(call);
    expect(new Set(requestIds()).size).toBe(2);
  });

  it('says what it retries, with ids and codes only', async () => {
    const { usage, call, events } = partnerCenter.createUsage();
    partnerCenter.server.script({ ...apiError(500, '800003'), headers: { 'MS-RequestId': 'request-1' } }, good);
    await usage.download(call);
    expect(events).toEqual([
      {
        event: 'upstream.retried',
        operation: 'usagerecords',
        code: 'UpstreamUnavailable',
        tried: 1,
        waitMs: 250,
        correlationId: call.correlationId,
        status: 500,
        upstreamCode: '800003',
        cause: 'Partner Center failed',
        cure: 'wait',
        upstreamRequestId: 'request-1',
      },
    ]);
  });

  it.each<[string, string, ScriptedAnswer]>([
    ['UpstreamUnavailable', '500', { status: 500 }],
    ['UpstreamThrottled', '429', { status: 429 }],
    ['UpstreamUnavailable', 'a reset', { fault: 'reset' }],
  ])('is %s after %s four times', async (code, _what, answer) => {
    const { usage, call, time } = partnerCenter.createUsage();
    partnerCenter.server.script(answer, answer, answer, answer);
    await expect(usage.download(call)).rejects.toMatchObject({ code });
    expect(time.waits).toEqual([250, 500, 1_000]);
    expect(asked()).toHaveLength(4);
  });
});

describe('Retry-After', () => {
  it.each([
    ['57', 57_500],
    ['Fri, 20 Nov 2026 02:01:00 GMT', 60_500],
    ['later', 250],
  ])('%s makes it wait %i ms', async (retryAfter, waitMs) => {
    const { usage, call, time } = partnerCenter.createUsage();
    partnerCenter.server.script({ status: 429, headers: { 'retry-after': retryAfter } }, good);
    await usage.download(call);
    expect(time.waits).toEqual([waitMs]);
  });

  it.each([429, 503])('of a %i beyond the deadline is UpstreamThrottled at once', async (status) => {
    const { usage, call, time } = partnerCenter.createUsage();
    partnerCenter.server.script({ status, headers: { 'retry-after': '420' } });
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamThrottled',
      retryAfterMs: 420_000,
      details: { status },
    });
    expect(time.waits).toEqual([]);
  });

  it('leaves a failure what it is when the deadline is nearer than the back-off', async () => {
    const { usage, call, time } = partnerCenter.createUsage({ timeoutMs: 200 });
    partnerCenter.server.script({ status: 503 });
    await expect(usage.download(call)).rejects.toMatchObject({ code: 'UpstreamUnavailable' });
    expect(time.waits).toEqual([]);
  });
});

describe('a 401', () => {
  it('drops the token and asks once more with a new one', async () => {
    const { usage, call, dropped, time } = partnerCenter.createUsage();
    partnerCenter.server.script(apiError(401, 400), good);
    await usage.download(call);
    expect(dropped).toEqual(['access-1']);
    expect(asked().map(({ headers }) => headers.authorization)).toEqual(['Bearer access-1', 'Bearer access-2']);
    expect(time.waits).toEqual([]);
  });

  it('after a renewal is UpstreamForbidden', async () => {
    const { usage, call, dropped } = partnerCenter.createUsage();
    partnerCenter.server.script({ status: 401 }, apiError(401, '800001'));
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamForbidden',
      details: { status: 401, upstreamCode: '800001' },
    });
    expect(dropped).toEqual(['access-1', 'access-2']);
  });

  it.each<[string, ScriptedAnswer, string | undefined]>([
    ['900421', apiError(401, '900421'), '900421'],
    ['900421 as a number', apiError(401, 900421), '900421'],
    ['10001 in its text', apiError(401, 'x y', 'Authentication failed. MFA required. (10001).'), '10001'],
    ['a reason phrase', { status: 401, statusText: 'Unauthorized - MFA required' }, undefined],
  ])('for want of MFA (%s) is UpstreamAuthRequired at once', async (_what, answer, upstreamCode) => {
    const { usage, call, dropped } = partnerCenter.createUsage();
    partnerCenter.server.script(answer);
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamAuthRequired',
      details: { status: 401, upstreamCode, cure: 'sign-in-with-mfa' },
    });
    // Forgotten, so that a new sign-in is not answered from memory.
    expect(dropped).toEqual(['access-1']);
    expect(asked()).toHaveLength(1);
  });

  it('for another audience (900420) is UpstreamForbidden at once', async () => {
    const { usage, call, dropped } = partnerCenter.createUsage();
    partnerCenter.server.script(apiError(401, '900420'));
    await expect(usage.download(call)).rejects.toMatchObject({ code: 'UpstreamForbidden' });
    expect(dropped).toEqual(['access-1']);
    expect(asked()).toHaveLength(1);
  });
});

describe('another answer than the list', () => {
  it.each<[string, ScriptedAnswer, string, string | undefined]>([
    ['403/900329', apiError(403, '900329'), 'UpstreamForbidden', '900329'],
    ['403 without a body', { status: 403 }, 'UpstreamForbidden', undefined],
    ['404', apiError(404, 1000), 'UpstreamUnavailable', '1000'],
    ['400', { status: 400, body: '\u{FEFF}{"code":"3000"}' }, 'UpstreamInvalid', '3000'],
    ['a code that is none', apiError(400, '<script>'), 'UpstreamInvalid', undefined],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'UpstreamInvalid', undefined],
    ['501', apiError(501, 0), 'UpstreamInvalid', '0'],
    ['an MFA code under another status', apiError(403, '900421'), 'UpstreamAuthRequired', '900421'],
    ['a status nobody knows', { status: 999 }, 'UpstreamInvalid', undefined],
    ['204', { status: 204 }, 'UpstreamInvalid', undefined],
    ['a long text', { status: 404, body: 'x'.repeat(300_000) }, 'UpstreamUnavailable', undefined],
  ])('(%s) is not tried again', async (_what, answer, code, upstreamCode) => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script(answer);
    const failure: unknown = await usage.download(call).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ code, details: { status: answer.status, upstreamCode } });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('contoso');
    expect(asked()).toHaveLength(1);
  });
});
