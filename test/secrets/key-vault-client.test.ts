import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyVaultClientOptions, createKeyVaultSecrets } from '../../shared/secrets/key-vault.ts';
import { createTestCertificate } from '../support/services/certificate.ts';
import { createTestCall } from '../support/call.ts';
import { startScriptedServer } from '../support/services/scripted-server.ts';
import type { Script, ScriptedServer } from '../support/services/scripted-server.ts';

const challenge: Script = {
  status: 401,
  headers: {
    'www-authenticate': 'Bearer authorization="https://login.example/tenant", resource="https://vault.azure.net"',
  },
  json: { error: { code: 'Unauthorized' } },
};

function secretJson(id: string, value: string): Script {
  return { json: { id, value, contentType: 'text/plain', attributes: { enabled: true, created: 1_793_836_800 } } };
}

describe('createKeyVaultSecrets over the SDK', () => {
  let vault: ScriptedServer;
  let ca: string;

  beforeAll(async () => {
    const certificate = await createTestCertificate();
    ca = certificate.cert;
    vault = await startScriptedServer([], certificate);
  });

  afterAll(async () => {
    await vault.close();
  });

  function createSecrets() {
    const credential = { getToken: async () => ({ token: 'vault-access', expiresOnTimestamp: 4_000_000_000_000 }) };
    const options = { ...createKeyVaultClientOptions(vault.url), tlsOptions: { ca } };
    const client = new SecretClient(vault.url, credential, options);
    return createKeyVaultSecrets({ client, clock: Date.now, random: () => 0, timeoutMs: 5_000 });
  }

  it("answers the vault's challenge, reads a secret and stores a new version with its expiry", async () => {
    const secrets = createSecrets();
    const { call } = createTestCall();
    const before = vault.requests.length;
    vault.script(challenge, secretJson(`${vault.url}/secrets/token/v1`, 'old'));
    vault.script(secretJson(`${vault.url}/secrets/token/v2`, 'new'));
    expect(await secrets.get('token', call)).toEqual({
      value: 'old',
      version: 'v1',
      createdAt: 1_793_836_800_000,
      expiresAt: undefined,
    });
    const stored = { value: 'new', expiresAt: 1_801_612_800_000 };
    expect((await secrets.set('token', stored, call)).version).toBe('v2');
    const [anonymous, read, write] = vault.requests.slice(before);
    expect(anonymous?.headers.authorization).toBeUndefined();
    expect(read).toMatchObject({ method: 'GET', headers: { authorization: 'Bearer vault-access' } });
    expect(JSON.parse(write?.body ?? '')).toMatchObject({
      value: 'new',
      contentType: 'text/plain',
      attributes: { exp: 1_801_612_800 },
    });
  });

  it.each([
    [403, 'Forbidden', 1],
    [404, 'SecretNotFound', 1],
    [503, 'ServiceUnavailable', 2],
  ])('reports a %i with the code of its body', async (status, code, tries) => {
    const secrets = createSecrets();
    const answer: Script = { status, json: { error: { code, message: 'token of the vault' } } };
    vault.script(challenge, ...Array.from({ length: tries }, () => answer));
    await expect(secrets.get('token', createTestCall().call)).rejects.toMatchObject({
      code: 'SecretsUnavailable',
      details: { secretName: 'token', status, errorCode: code },
    });
  });
});

describe('createKeyVaultClientOptions', () => {
  it.each([
    ['https://contoso.vault.azure.net', false],
    ['https://contoso.vault.usgovcloudapi.net', false],
    ['https://vault.azure.net.example.com', false],
    ['https://localhost.example.com', false],
    ['https://127.0.0.1.example.com', false],
    ['https://10.0.0.4', false],
    ['https://localhost:8443', true],
    ['https://127.0.0.1:8443', true],
    ['https://[::1]:8443', true],
  ])('for %s leaves the suffix check out: %s', (vaultUrl, disabled) => {
    expect(createKeyVaultClientOptions(vaultUrl).disableChallengeResourceVerification).toBe(disabled);
  });

  it('retries once', () => {
    expect(createKeyVaultClientOptions('https://contoso.vault.azure.net').retryOptions?.maxRetries).toBe(1);
  });

  it('lets no foreign host obtain a token for storage by naming that resource', async () => {
    const asked: (string | string[])[] = [];
    const url = 'https://contoso-vault.example.com';
    const credential = {
      getToken: async (scopes: string | string[]) => {
        asked.push(scopes);
        return { token: 'storage-access', expiresOnTimestamp: 4_000_000_000_000 };
      },
    };
    const client = new SecretClient(url, credential, {
      ...createKeyVaultClientOptions(url),
      httpClient: {
        sendRequest: async (request) => {
          // The SDK's own headers class, of which the test needs no import.
          const { headers } = request;
          headers.set(
            'www-authenticate',
            'Bearer authorization="https://login.microsoftonline.com/tenant", resource="https://storage.azure.com"',
          );
          return { request, status: 401, headers };
        },
      },
    });
    const outcome = client.getSecret('token');
    await expect(outcome).rejects.toThrow(/does not match the requested domain/);
    expect(asked).toEqual([]);
  });
});
