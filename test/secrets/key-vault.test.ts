import { describe, expect, it } from 'vitest';
import type { VaultClient } from '../../shared/secrets/key-vault.ts';
import { createKeyVaultSecrets } from '../../shared/secrets/key-vault.ts';
import { createTestCall } from '../support/call.ts';
import { createTestClock } from '../support/test-clock.ts';

const minute = 60_000;
const properties = { name: 'token', vaultUrl: 'https://vault.example', version: 'v1' };

type Reply = { value?: string; version?: string | undefined } | Error | Promise<never>;

/** Plays the two methods of the SDK's client from a list of replies. */
function createVault(...replies: Reply[]) {
  const asked: string[] = [];
  const stored: unknown[] = [];
  async function reply(name: string) {
    const next = await (replies.shift() ?? new Error('no reply left'));
    if (next instanceof Error) throw next;
    const { value = 'hidden', version = 'v1' } = next;
    const createdOn = new Date('2026-11-01T00:00:00Z');
    return { name, value, properties: { ...properties, name, version, createdOn, contentType: 'text/plain' } };
  }
  const client: VaultClient = {
    getSecret: async (name) => {
      asked.push(name);
      return await reply(name);
    },
    setSecret: async (name, value, options) => {
      stored.push({ name, value, contentType: options?.contentType, expiresOn: options?.expiresOn });
      return await reply(name);
    },
  };
  return { client, asked, stored };
}

function sdkError(statusCode: number, code: string): Error {
  return Object.assign(new Error('the value is hidden'), { name: 'RestError', statusCode, code });
}

function createSecrets(...replies: Reply[]) {
  const vault = createVault(...replies);
  const time = createTestClock();
  const secrets = createKeyVaultSecrets({
    client: vault.client,
    clock: time.clock,
    random: () => 0,
    timeoutMs: 50,
  });
  return { secrets, time, ...vault, ...createTestCall() };
}

/** Throws what is no error. */
async function fail(): Promise<never> {
  const reason: unknown = 'no answer';
  throw reason;
}

describe('createKeyVaultSecrets', () => {
  it('gives value, version and dates of a secret', async () => {
    const { secrets, call } = createSecrets({ value: 'hidden' });
    expect(await secrets.get('token', call)).toEqual({
      value: 'hidden',
      version: 'v1',
      createdAt: Date.parse('2026-11-01T00:00:00Z'),
      expiresAt: undefined,
    });
  });

  it('asks the vault once in 30 minutes', async () => {
    const { secrets, call, time, asked } = createSecrets({ version: 'v1' }, { version: 'v2' });
    await secrets.get('token', call);
    time.advance(30 * minute - 1);
    expect((await secrets.get('token', call)).version).toBe('v1');
    time.advance(1);
    expect((await secrets.get('token', call)).version).toBe('v2');
    expect(asked).toEqual(['token', 'token']);
  });

  it('forgets up to three minutes earlier, so that instances do not ask together', async () => {
    const { client, asked } = createVault({}, {});
    const time = createTestClock();
    const { call } = createTestCall();
    const secrets = createKeyVaultSecrets({ client, clock: time.clock, random: () => 0.99 });
    await secrets.get('token', call);
    time.advance(28 * minute);
    await secrets.get('token', call);
    expect(asked).toHaveLength(2);
  });

  it('asks again when the clock was set back', async () => {
    const { secrets, call, time, asked } = createSecrets({}, {});
    await secrets.get('token', call);
    time.advance(-60 * minute);
    await secrets.get('token', call);
    expect(asked).toHaveLength(2);
  });

  it('shares one load per name among all who ask at once', async () => {
    const { secrets, call, asked } = createSecrets({}, {});
    await Promise.all([
      secrets.get('token', call),
      secrets.get('token', call),
      secrets.get('other', call),
      secrets.reread('token', call),
    ]);
    expect(asked).toEqual(['token', 'other']);
  });

  it('goes on loading for others when the first caller gives up', async () => {
    const release: { now?: () => void } = {};
    const gate = new Promise<void>((resolve) => {
      release.now = resolve;
    });
    const { client } = createVault({ version: 'v7' });
    const secrets = createKeyVaultSecrets({
      client: {
        ...client,
        getSecret: async (name) => {
          await gate;
          return client.getSecret(name);
        },
      },
      clock: createTestClock().clock,
      random: () => 0,
    });
    const first = createTestCall();
    const second = createTestCall();
    const abandoned = secrets.get('token', first.call);
    const waiting = secrets.get('token', second.call);
    first.abort();
    await expect(abandoned).rejects.toMatchObject({ code: 'SecretsUnavailable', details: { errorCode: 'AbortError' } });
    release.now?.();
    expect((await waiting).version).toBe('v7');
  });

  it('gives the last known value and says so while the vault fails', async () => {
    const { secrets, call, time, events } = createSecrets({ version: 'v1' }, sdkError(503, 'ServerBusy'));
    await secrets.get('token', call);
    time.advance(45 * minute);
    expect((await secrets.get('token', call)).version).toBe('v1');
    expect(events).toEqual([
      {
        event: 'secret.stale',
        secretName: 'token',
        status: 503,
        errorCode: 'ServerBusy',
        version: 'v1',
        ageMs: 45 * minute,
      },
    ]);
  });

  it('gives no stale value to a caller that has given up', async () => {
    const { secrets, call, time, abort } = createSecrets({}, {});
    await secrets.get('token', call);
    time.advance(45 * minute);
    abort();
    await expect(secrets.get('token', call)).rejects.toMatchObject({ code: 'SecretsUnavailable' });
  });

  it.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [404, 'SecretNotFound'],
    [429, 'Throttled'],
    [500, 'InternalServerError'],
  ])('fails with the status and the code of a %i for a secret never seen', async (status, errorCode) => {
    const { secrets, call } = createSecrets(sdkError(status, errorCode));
    const error: unknown = await secrets.get('token', call).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'SecretsUnavailable', details: { secretName: 'token', status, errorCode } });
    expect(JSON.stringify(error) + String(error)).not.toContain('hidden');
    expect(error).not.toHaveProperty('cause');
  });

  it('fails when the vault does not answer in time', async () => {
    const { secrets, call } = createSecrets(new Promise<never>(() => {}));
    await expect(secrets.get('token', call)).rejects.toMatchObject({
      code: 'SecretsUnavailable',
      details: { errorCode: 'TimeoutError', secretName: 'token' },
    });
  });

  it.each([{ value: '' }, { version: '' }])('refuses an answer with an empty %o', async (reply) => {
    const { secrets, call } = createSecrets(reply);
    await expect(secrets.get('token', call)).rejects.toMatchObject({ details: { errorCode: 'NoValue' } });
  });

  it('fails without details when what was thrown is no error', async () => {
    const secrets = createKeyVaultSecrets({
      client: { ...createVault().client, getSecret: fail },
      clock: () => 0,
      random: () => 0,
    });
    await expect(secrets.get('token', createTestCall().call)).rejects.toMatchObject({
      details: { secretName: 'token', status: undefined, errorCode: undefined },
    });
  });
});

describe('a failure', () => {
  it('is remembered for a minute', async () => {
    const { secrets, call, time, asked } = createSecrets(sdkError(403, 'Forbidden'), { version: 'v1' });
    await expect(secrets.get('token', call)).rejects.toMatchObject({ details: { status: 403 } });
    time.advance(minute - 1);
    await expect(secrets.get('token', call)).rejects.toMatchObject({ details: { status: 403 } });
    await expect(secrets.reread('token', call)).rejects.toMatchObject({ details: { status: 403 } });
    expect(asked).toEqual(['token']);
    time.advance(1);
    expect((await secrets.get('token', call)).version).toBe('v1');
  });

  it('is forgotten when the clock was set back', async () => {
    const { secrets, call, time } = createSecrets(sdkError(403, 'Forbidden'), { version: 'v1' });
    await expect(secrets.get('token', call)).rejects.toMatchObject({ details: { status: 403 } });
    time.advance(-60 * minute);
    expect((await secrets.get('token', call)).version).toBe('v1');
  });

  it.each([
    [403, 'Forbidden'],
    [404, 'SecretNotFound'],
  ])('with %i is about that secret alone', async (status, errorCode) => {
    const { secrets, call } = createSecrets(sdkError(status, errorCode), { version: 'v1' });
    await expect(secrets.get('token', call)).rejects.toMatchObject({ details: { status } });
    expect((await secrets.get('client', call)).version).toBe('v1');
  });

  it.each<[string, () => Reply]>([
    ['a vault that hangs', () => new Promise<never>(() => {})],
    ['a 429', () => sdkError(429, 'Throttled')],
    ['a 503', () => sdkError(503, 'ServerBusy')],
    ['no connection', () => Object.assign(new Error('x'), { name: 'RestError', code: 'ENOTFOUND' })],
  ])('of the vault itself is about every secret: %s', async (_what, reply) => {
    const { secrets, call, asked, time } = createSecrets({ version: 'v1' }, reply());
    await secrets.get('client', call);
    time.advance(45 * minute);
    await expect(secrets.get('token', call)).rejects.toMatchObject({ code: 'SecretsUnavailable' });
    expect((await secrets.get('client', call)).version).toBe('v1');
    await expect(secrets.reread('token', call)).rejects.toMatchObject({ code: 'SecretsUnavailable' });
    expect(asked).toEqual(['client', 'token']);
  });

  it('of a caller that gave up is nobody else’s', async () => {
    const { secrets, call, abort } = createSecrets({ version: 'v1' });
    const other = createTestCall();
    const abandoned = secrets.get('token', call);
    abort();
    await expect(abandoned).rejects.toMatchObject({ code: 'SecretsUnavailable' });
    expect((await secrets.get('token', other.call)).version).toBe('v1');
  });
});

describe('reread', () => {
  it('asks the vault whatever memory holds, and keeps the answer', async () => {
    const { secrets, call, asked } = createSecrets({ version: 'v1' }, { version: 'v2' });
    await secrets.get('token', call);
    expect((await secrets.reread('token', call)).version).toBe('v2');
    expect((await secrets.get('token', call)).version).toBe('v2');
    expect(asked).toHaveLength(2);
  });

  it('fails when the vault fails, whatever memory holds', async () => {
    const { secrets, call, events } = createSecrets({}, sdkError(503, 'ServerBusy'));
    await secrets.get('token', call);
    await expect(secrets.reread('token', call)).rejects.toMatchObject({ code: 'SecretsUnavailable' });
    expect(events).toEqual([]);
  });
});

describe('set', () => {
  const secret = { value: 'new', expiresAt: Date.parse('2027-02-18T00:00:00Z') };

  it('stores value, content type and expiry, and remembers the new version', async () => {
    const { secrets, call, stored, asked } = createSecrets({ value: 'new', version: 'v2' });
    expect(await secrets.set('token', secret, call)).toMatchObject({ value: 'new', version: 'v2' });
    expect(await secrets.get('token', call)).toMatchObject({ value: 'new', version: 'v2' });
    expect(stored).toEqual([
      { name: 'token', value: 'new', contentType: 'text/plain', expiresOn: new Date('2027-02-18T00:00:00Z') },
    ]);
    expect(asked).toEqual([]);
  });

  it('keeps what it remembered when storing fails', async () => {
    const { secrets, call } = createSecrets({ version: 'v1' }, sdkError(403, 'Forbidden'));
    await secrets.get('token', call);
    await expect(secrets.set('token', secret, call)).rejects.toMatchObject({
      code: 'SecretsUnavailable',
      message: 'a secret could not be stored',
      details: { status: 403 },
    });
    expect((await secrets.get('token', call)).version).toBe('v1');
  });

  it('is not undone by a load that began before it', async () => {
    const release: { load?: (reply: { version: string }) => void } = {};
    const slow = new Promise<{ version: string }>((resolve) => {
      release.load = resolve;
    });
    const replies = [slow, Promise.resolve({ version: 'v2' })];
    const answer = async () => {
      const { version } = (await replies.shift()) ?? { version: 'none' };
      return { name: 'token', value: 'x', properties: { ...properties, version } };
    };
    const secrets = createKeyVaultSecrets({
      client: { getSecret: answer, setSecret: answer },
      clock: createTestClock().clock,
      random: () => 0,
    });
    const { call } = createTestCall();
    const loading = secrets.get('token', call);
    await new Promise(setImmediate);
    await secrets.set('token', secret, call);
    release.load?.({ version: 'v1' });
    expect((await loading).version).toBe('v2');
    expect((await secrets.get('token', call)).version).toBe('v2');
  });
});
