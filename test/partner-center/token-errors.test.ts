import { describe, expect, it } from 'vitest';
import { entraError, startEntra, tokenAnswer } from '../support/services/entra.ts';
import type { Script } from '../support/services/scripted-server.ts';

const entra = await startEntra();

function askedTimes(): number {
  return entra.server.requests.length;
}

describe('a lasting refusal by Entra', () => {
  // Each documented number: test/e2e/faults/upstream-codes.test.ts.
  it.each([
    ['invalid_grant', 1, 'UpstreamAuthRequired', 'sign-in'],
    ['invalid_grant', 9002313, 'UpstreamForbidden', 'configuration'],
    ['interaction_required', 1, 'UpstreamAuthRequired', 'sign-in-with-mfa'],
    ['consent_required', 1, 'UpstreamAuthRequired', 'app-consent'],
    ['login_required', 1, 'UpstreamAuthRequired', 'sign-in'],
    ['invalid_client', 1, 'UpstreamForbidden', 'client-credential'],
    ['something_new', 1, 'UpstreamForbidden', 'configuration'],
    ['invalid_request', 50196, 'UpstreamThrottled', 'wait'],
  ])('%s %i is %s, cure %s', async (name, number, code, cure) => {
    const { tokens, call, time } = entra.createTokens();
    entra.server.script(entraError(400, name, number));
    const failure: unknown = await tokens.get(call).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({
      code,
      details: {
        status: 400,
        cure,
        error: name,
        errorCodes: String(number),
        entraTraceId: 'trace-1',
        entraCorrelationId: 'corr-1',
      },
    });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('contoso');
    expect(askedTimes()).toBe(1);
    expect(time.waits).toEqual([]);
  });

  it.each<[string, Script]>([
    ['HTML', { status: 400, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['nothing', { status: 302, headers: { location: 'https://elsewhere.example' } }],
  ])('with %s for a body is UpstreamInvalid', async (_what, answer) => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(answer);
    await expect(tokens.get(call)).rejects.toMatchObject({ code: 'UpstreamInvalid' });
  });

  it('leaves out what is no code or id', async () => {
    const { tokens, call } = entra.createTokens();
    entra.server.script({ status: 400, json: { error: 'a b', error_codes: 'none', trace_id: 7 } });
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'UpstreamForbidden',
      details: { status: 400, cure: 'configuration', error: undefined, errorCodes: '', entraTraceId: undefined },
    });
  });
});

describe('an unusable token answer', () => {
  it.each<[string, Script]>([
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['text of no type', { body: 'busy' }],
    ['no access token', tokenAnswer({ access_token: undefined })],
    ['no life time', tokenAnswer({ expires_in: undefined })],
    ['a life time of nothing', tokenAnswer({ expires_in: 0 })],
    ['a life time that is no number', tokenAnswer({ expires_in: 'soon' })],
    ['another type of token', tokenAnswer({ token_type: 'pop' })],
    ['an empty refresh token', tokenAnswer({ refresh_token: '' })],
  ])('(%s) is UpstreamInvalid and shows no token', async (_what, answer) => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(answer);
    const failure: unknown = await tokens.get(call).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ code: 'UpstreamInvalid', details: { status: 200 } });
    expect(failure).not.toHaveProperty('cause');
  });
});

describe('a passing failure of Entra', () => {
  it.each<[string, Script]>([
    ['temporarily_unavailable', entraError(400, 'temporarily_unavailable', 1)],
    ['90033', entraError(400, 'invalid_request', 90033)],
    ['90055', entraError(400, 'invalid_request', 90055)],
    ['429', { status: 429 }],
    ['500', { status: 500, body: 'broken' }],
    ['502 with HTML', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['503', { status: 503 }],
    ['520', { status: 520 }],
    ['a reset', { fault: 'reset' }],
    ['half an answer', { ...tokenAnswer(), fault: 'cut' }],
  ])('(%s) is tried again', async (_what, answer) => {
    const { tokens, call, time, events } = entra.createTokens({ random: () => 0.5 });
    entra.server.script(answer, tokenAnswer());
    expect(await tokens.get(call)).toBe('access-1');
    expect(time.waits).toEqual([250]);
    expect(events[0]).toMatchObject({ event: 'upstream.retried', operation: 'token', tried: 1, waitMs: 250 });
  });

  it.each<[string, string, Script]>([
    ['UpstreamUnavailable', 'temporarily_unavailable', entraError(400, 'temporarily_unavailable', 1)],
    ['UpstreamUnavailable', 'a 500', { status: 500 }],
    ['UpstreamThrottled', 'throttling', entraError(400, 'invalid_request', 90055)],
    ['UpstreamThrottled', 'a 429', { status: 429 }],
  ])('is %s after %s four times', async (code, _what, answer) => {
    const { tokens, call, time } = entra.createTokens({ random: () => 0.5 });
    entra.server.script(answer, answer, answer, answer);
    await expect(tokens.get(call)).rejects.toMatchObject({ code });
    expect(askedTimes()).toBe(4);
    expect(time.waits).toEqual([250, 500, 1_000]);
  });

  it('waits as long as Entra asks', async () => {
    const { tokens, call, time } = entra.createTokens();
    entra.server.script({ status: 429, headers: { 'retry-after': '7' } }, tokenAnswer());
    await tokens.get(call);
    expect(time.waits).toEqual([7_000]);
  });

  it('gives up at once when Entra asks for more than two minutes', async () => {
    const { tokens, call, time } = entra.createTokens();
    entra.server.script({ status: 503, headers: { 'retry-after': '120' } });
    await expect(tokens.get(call)).rejects.toMatchObject({ code: 'UpstreamThrottled', retryAfterMs: 120_000 });
    expect(time.waits).toEqual([]);
  });

  it.each<[string, Script]>([
    ['gives no answer', { fault: 'silent' }],
    ['stands still in the body', { ...tokenAnswer(), fault: 'stall' }],
  ])('is UpstreamUnavailable when Entra %s, four times over', async (_what, answer) => {
    const { tokens, call, time } = entra.createTokens({ attemptTimeoutMs: 200 });
    entra.server.script(answer, answer, answer, answer);
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'UpstreamUnavailable',
      details: { failure: 'timeout' },
    });
    expect(time.waits).toHaveLength(3);
  });

  it('ends with the deadline of the whole exchange', async () => {
    const { tokens, call, time } = entra.createTokens({ timeoutMs: 200 });
    entra.server.script({ fault: 'silent' });
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'UpstreamUnavailable',
      details: { failure: 'aborted' },
    });
    expect(time.waits).toEqual([]);
  });

  it('refuses an answer of more than a megabyte', async () => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(tokenAnswer({ access_token: 'a'.repeat(1_100_000) }));
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'UpstreamInvalid',
      details: { failure: 'too-large' },
      evidence: undefined,
    });
  });
});
