import { describe, expect, it } from 'vitest';
import { clientId, day, entraError, parseForm, startEntra, tenantId, tokenAnswer } from '../support/services/entra.ts';
import { createTestCall } from '../support/call.ts';

const minute = 60_000;
const entra = await startEntra();

function asked() {
  return entra.server.requests;
}

describe('createPartnerCenterTokens', () => {
  it('exchanges the refresh token at the v2 endpoint of the tenant', async () => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(tokenAnswer());
    expect(await tokens.get(call)).toBe('access-1');
    const [request] = asked();
    expect(request).toMatchObject({ method: 'POST', path: `/${tenantId}/oauth2/v2.0/token` });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      'client-request-id': call.correlationId,
    });
    expect(parseForm(request)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
      client_id: clientId,
      client_secret: 'client-secret-1',
      scope: 'https://api.partnercenter.microsoft.com/.default offline_access',
    });
  });

  it('holds the access token until two minutes before it expires', async () => {
    const { tokens, call, time } = entra.createTokens();
    entra.server.script(tokenAnswer({ expires_in: 3600 }), tokenAnswer({ access_token: 'access-2' }));
    await tokens.get(call);
    time.advance(58 * minute - 1);
    expect(await tokens.get(call)).toBe('access-1');
    time.advance(1);
    expect(await tokens.get(call)).toBe('access-2');
  });

  it('reads expires_in given as text, and halves the margin of a short life', async () => {
    const { tokens, call, time } = entra.createTokens();
    entra.server.script(tokenAnswer({ expires_in: '120' }), tokenAnswer({ access_token: 'access-2' }));
    await tokens.get(call);
    time.advance(59_999);
    expect(await tokens.get(call)).toBe('access-1');
    time.advance(1);
    expect(await tokens.get(call)).toBe('access-2');
  });

  it('gives the token to this caller even if the clock was set back', async () => {
    const { tokens, call, time } = entra.createTokens();
    entra.server.script(tokenAnswer(), tokenAnswer({ access_token: 'access-2' }));
    await tokens.get(call);
    time.advance(-day);
    expect(await tokens.get(call)).toBe('access-2');
  });

  it('makes one exchange for all who ask at once', async () => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(tokenAnswer());
    expect(await Promise.all([tokens.get(call), tokens.get(call), tokens.get(call)])).toEqual([
      'access-1',
      'access-1',
      'access-1',
    ]);
    expect(asked()).toHaveLength(1);
  });

  it('goes on for others when the first caller gives up', async () => {
    const { tokens } = entra.createTokens();
    const first = createTestCall();
    const second = createTestCall();
    entra.server.script(() => {
      first.abort();
      return tokenAnswer();
    });
    const abandoned = tokens.get(first.call);
    const waiting = tokens.get(second.call);
    await expect(abandoned).rejects.toMatchObject({ code: 'UpstreamUnavailable', details: { failure: 'AbortError' } });
    expect(await waiting).toBe('access-1');
  });

  it('drops a refused token, but not the one that has replaced it', async () => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(tokenAnswer(), tokenAnswer({ access_token: 'access-2' }));
    await tokens.get(call);
    tokens.drop('access-1');
    expect(await tokens.get(call)).toBe('access-2');
    tokens.drop('access-1');
    expect(await tokens.get(call)).toBe('access-2');
  });

  it('logs the exchange, with the MFA claim when the token tells, and no secret', async () => {
    const { tokens, call, events } = entra.createTokens();
    const payload = Buffer.from(JSON.stringify({ amr: ['pwd', 'mfa'] })).toString('base64url');
    entra.server.script(tokenAnswer({ access_token: `e30.${payload}.c2ln`, refresh_token: undefined }));
    await tokens.get(call);
    const logged = { durationMs: 0, expiresInSeconds: 3599, mfa: true, correlationId: call.correlationId };
    expect(events).toEqual([{ event: 'token.exchanged', ...logged }]);
  });

  it.each([
    [{ amr: ['pwd'] }, false],
    [{ amr: 'mfa' }, undefined],
    ['no json', undefined],
  ])('logs for a token with claims %j that MFA is %s, and goes on', async (claims, mfa) => {
    const { tokens, call, valuesOf } = entra.createTokens();
    const text = typeof claims === 'string' ? claims : JSON.stringify(claims);
    entra.server.script(tokenAnswer({ access_token: `e30.${Buffer.from(text).toString('base64url')}.c2ln` }));
    await tokens.get(call);
    expect(valuesOf('token.exchanged', 'mfa')).toEqual([mfa]);
  });
});

describe('the status of the refresh token', () => {
  it('tells version and age of what memory holds, and on request of what the vault holds', async () => {
    const { tokens, call, secrets, time } = entra.createTokens();
    const issuedAt = time.clock() - 2 * day;
    expect(await tokens.current(call)).toEqual({ version: 'refresh-1', issuedAt });
    secrets.put('refresh', 'signed-in-again', time.clock());
    expect(await tokens.current(call)).toEqual({ version: 'refresh-1', issuedAt });
    expect(await tokens.reread(call)).toEqual({ version: 'refresh-2', issuedAt: time.clock() });
  });

  it('fails as the vault fails', async () => {
    const { tokens, call, secrets } = entra.createTokens();
    secrets.fail('get', 'reread');
    await expect(tokens.get(call)).rejects.toMatchObject({ code: 'SecretsUnavailable' });
    await expect(tokens.current(call)).rejects.toMatchObject({ code: 'SecretsUnavailable' });
    await expect(tokens.reread(call)).rejects.toMatchObject({ code: 'SecretsUnavailable' });
    expect(asked()).toEqual([]);
  });
});

describe('refused credentials', () => {
  it('tries once more with a newer refresh token that the vault holds', async () => {
    const { tokens, call, secrets } = entra.createTokens();
    await tokens.current(call);
    secrets.put('refresh', 'signed-in-again');
    entra.server.script(entraError(400, 'invalid_grant', 700082), tokenAnswer());
    expect(await tokens.get(call)).toBe('access-1');
    expect(asked().map((request) => parseForm(request)['refresh_token'])).toEqual(['refresh-1', 'signed-in-again']);
  });

  it('does not try again while the vault holds the refused refresh token', async () => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(entraError(400, 'invalid_grant', 700082));
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'UpstreamAuthRequired',
      details: { status: 400, cure: 'sign-in', error: 'invalid_grant', errorCodes: '700082', entraTraceId: 'trace-1' },
    });
    expect(asked()).toHaveLength(1);
  });

  it('tries once more with a newer client secret that the vault holds', async () => {
    const { tokens, call, secrets } = entra.createTokens();
    await secrets.get('client', call);
    secrets.put('client', 'client-secret-2');
    entra.server.script(entraError(401, 'invalid_client', 7000222), tokenAnswer());
    expect(await tokens.get(call)).toBe('access-1');
    expect(asked().map((request) => parseForm(request)['client_secret'])).toEqual([
      'client-secret-1',
      'client-secret-2',
    ]);
  });

  it('fails when the vault has no newer client secret', async () => {
    const { tokens, call } = entra.createTokens();
    entra.server.script(entraError(401, 'invalid_client', 7000222));
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'UpstreamForbidden',
      details: { cure: 'client-credential', errorCodes: '7000222' },
    });
    expect(asked()).toHaveLength(1);
  });

  it.each([
    ['invalid_grant', 700082, 'UpstreamAuthRequired'],
    ['invalid_client', 7000222, 'UpstreamForbidden'],
  ])('keeps the meaning of %s when the vault cannot be read again', async (error, number, code) => {
    const { tokens, call, secrets } = entra.createTokens();
    await secrets.get('refresh', call);
    await secrets.get('client', call);
    secrets.fail('reread');
    entra.server.script(entraError(400, error, number));
    await expect(tokens.get(call)).rejects.toMatchObject({ code });
  });
});
