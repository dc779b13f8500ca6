import { describe, expect, it } from 'vitest';
import { createRefreshTokenHolder } from '../../shared/partner-center/refresh-token.ts';
import { day, entraError, parseForm, startEntra, tokenAnswer } from '../support/services/entra.ts';

const minute = 60_000;
const entra = await startEntra();

function refreshTokensSent() {
  return entra.server.requests.map((request) => parseForm(request)['refresh_token']);
}

describe('the write-back of the refresh token', () => {
  it('stores the new one with its expiry when the stored one is over a day old', async () => {
    const { tokens, call, secrets, time, events } = entra.createTokens();
    entra.server.script(tokenAnswer({ refresh_token: 'refresh-new' }));
    await tokens.get(call);
    expect(secrets.versions.get('refresh')?.slice(1)).toEqual([
      {
        value: 'refresh-new',
        version: 'refresh-2',
        createdAt: time.clock(),
        expiresAt: time.clock() + 90 * day,
      },
    ]);
    expect(events.at(-1)).toEqual({
      event: 'token.rotated',
      version: 'refresh-2',
      replacedVersion: 'refresh-1',
      ageDays: 2,
    });
    expect(JSON.stringify(events)).not.toContain('refresh-new');
    expect(await tokens.current(call)).toEqual({ version: 'refresh-2', issuedAt: time.clock() });
  });

  it('stores it when nobody knows how old the stored one is', async () => {
    const { tokens, call, secrets, valuesOf } = entra.createTokens();
    secrets.put('refresh', 'of-unknown-age');
    entra.server.script(tokenAnswer());
    await tokens.get(call);
    expect(secrets.versions.get('refresh')).toHaveLength(3);
    expect(valuesOf('token.rotated', 'ageDays')).toEqual([null]);
  });

  it.each([
    ['the stored one is a day old', { refresh_token: 'refresh-new' }, day],
    ['the answer has none', { refresh_token: undefined }, 2 * day],
    ['the answer repeats the stored one', { refresh_token: 'refresh-x' }, 2 * day],
  ])('stores nothing when %s', async (_when, members, ageMs) => {
    const { tokens, call, secrets, time } = entra.createTokens();
    secrets.put('refresh', 'refresh-x\n', time.clock() - ageMs);
    entra.server.script(tokenAnswer(members));
    expect(await tokens.get(call)).toBe('access-1');
    expect(secrets.versions.get('refresh')).toHaveLength(2);
    expect(refreshTokensSent()).toEqual(['refresh-x']);
  });

  it('never overwrites a token that somebody stored meanwhile, and uses that one next', async () => {
    const { tokens, call, secrets, time, valuesOf } = entra.createTokens();
    await tokens.current(call);
    secrets.put('refresh', 'signed-in-again', time.clock());
    entra.server.script(tokenAnswer(), tokenAnswer());
    await tokens.get(call);
    expect(secrets.versions.get('refresh')?.at(-1)?.value).toBe('signed-in-again');
    expect(valuesOf('token.rotated', 'version')).toEqual([]);
    tokens.drop('access-1');
    await tokens.get(call);
    expect(refreshTokensSent()).toEqual(['refresh-1', 'signed-in-again']);
  });
});

describe('a failed write-back', () => {
  it('is a warning: the access token is used all the same', async () => {
    const { tokens, call, secrets, events } = entra.createTokens();
    secrets.fail('set');
    entra.server.script(tokenAnswer());
    expect(await tokens.get(call)).toBe('access-1');
    expect(events.at(-1)).toEqual({
      event: 'token.store-failed',
      code: 'SecretsUnavailable',
      secretName: 'refresh',
      status: 503,
    });
    expect(secrets.versions.get('refresh')).toHaveLength(1);
  });

  it('is tried again after five minutes without a new exchange', async () => {
    const { tokens, call, secrets, time, valuesOf } = entra.createTokens();
    secrets.fail('set');
    entra.server.script(tokenAnswer({ refresh_token: 'refresh-new' }));
    await tokens.get(call);
    secrets.fail();
    time.advance(5 * minute - 1);
    await tokens.get(call);
    expect(secrets.versions.get('refresh')).toHaveLength(1);
    time.advance(1);
    expect(await tokens.get(call)).toBe('access-1');
    expect(secrets.versions.get('refresh')?.at(-1)?.value).toBe('refresh-new');
    expect(valuesOf('token.rotated', 'version')).toEqual(['refresh-2']);
    expect(refreshTokensSent()).toEqual(['refresh-1']);
  });

  it('leaves the newest token in memory, and the next exchange uses and stores the one after it', async () => {
    const { tokens, call, secrets } = entra.createTokens();
    secrets.fail('set');
    entra.server.script(tokenAnswer({ refresh_token: 'unsaved' }), tokenAnswer({ refresh_token: 'newest' }));
    await tokens.get(call);
    tokens.drop('access-1');
    secrets.fail();
    await tokens.get(call);
    expect(refreshTokensSent()).toEqual(['refresh-1', 'unsaved']);
    expect(secrets.versions.get('refresh')?.map(({ value }) => value)).toEqual(['refresh-1', 'newest']);
  });

  it('falls back to the stored token when Entra refuses the unsaved one', async () => {
    const { tokens, call, secrets } = entra.createTokens();
    secrets.fail('set');
    entra.server.script(
      tokenAnswer({ refresh_token: 'unsaved' }),
      entraError(400, 'invalid_grant', 50173),
      tokenAnswer(),
    );
    await tokens.get(call);
    tokens.drop('access-1');
    expect(await tokens.get(call)).toBe('access-1');
    expect(refreshTokensSent()).toEqual(['refresh-1', 'unsaved', 'refresh-1']);
  });

  it('forgets the unsaved token when somebody stored a newer one', async () => {
    const { tokens, call, secrets, time } = entra.createTokens();
    secrets.fail('set');
    entra.server.script(tokenAnswer({ refresh_token: 'unsaved' }), tokenAnswer());
    await tokens.get(call);
    secrets.put('refresh', 'signed-in-again', time.clock());
    await tokens.reread(call);
    tokens.drop('access-1');
    await tokens.get(call);
    expect(refreshTokensSent()).toEqual(['refresh-1', 'signed-in-again']);
  });

  it('does not hide a defect', async () => {
    const { tokens, call, secrets } = entra.createTokens({});
    secrets.set = async () => {
      throw new TypeError('not a failure of the vault');
    };
    entra.server.script(tokenAnswer());
    await expect(tokens.get(call)).rejects.toMatchObject({
      code: 'UpstreamUnavailable',
      details: { failure: 'TypeError' },
    });
  });
});

describe('createRefreshTokenHolder', () => {
  it('stores nothing while nothing waits', async () => {
    const { secrets, time, call, events } = entra.createTokens();
    const holder = createRefreshTokenHolder({ secrets, secretName: 'refresh', clock: time.clock });
    await holder.storeUnsaved(call);
    expect(holder.isStoreDue()).toBe(false);
    expect(secrets.versions.get('refresh')).toHaveLength(1);
    expect(events).toEqual([]);
  });
});
