import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIdentity } from '../../setup/azure.ts';
import { loadEnvironment } from '../../setup/environment.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'environment-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('loadEnvironment', () => {
  it.each([
    ['local.settings.json', '{ "IsEncrypted": false, "Values": { "KEY_VAULT_URL": "https://file" } }'],
    [
      'the app settings as az prints them',
      '[{ "name": "KEY_VAULT_URL", "slotSetting": false, "value": "https://file" }]',
    ],
    ['what azd env get-values prints', 'AZURE_ENV_NAME="try"\nKEY_VAULT_URL="https://file"\n'],
  ])('reads %s', async (_, text) => {
    const file = join(folder, 'settings');
    await writeFile(file, text);

    expect(loadEnvironment({}, file)['KEY_VAULT_URL']).toBe('https://file');
  });

  it('takes an option before the file, and the file before the environment', async () => {
    const file = join(folder, 'settings');
    await writeFile(file, 'USAGE_CONTAINER=file\nHOME=file\n');
    const {
      USAGE_CONTAINER: option,
      HOME: fromFile,
      PATH: fromEnvironment,
    } = loadEnvironment(process.env, file, { USAGE_CONTAINER: 'option' });

    expect([option, fromFile, fromEnvironment]).toEqual(['option', 'file', process.env['PATH']]);
  });

  it('refuses a file that is neither', async () => {
    const file = join(folder, 'settings');
    await writeFile(file, '{ "KEY_VAULT_URL": "https://file" }');

    expect(() => loadEnvironment({}, file)).toThrow('cannot be read as settings');
  });
});

describe('openIdentity', () => {
  it.each([
    [{}, 'your own az login'],
    [{ USAGE_CREDENTIAL: 'managed-identity' }, 'the managed identity of this machine'],
    [{ IDENTITY_ENDPOINT: 'https://localhost' }, 'the managed identity of this machine'],
    [{ IDENTITY_ENDPOINT: 'https://localhost', AZURE_CLIENT_ID: 'b7c1' }, 'the managed identity b7c1'],
    [{ IDENTITY_ENDPOINT: 'https://localhost', USAGE_CREDENTIAL: 'developer' }, 'your own az login'],
  ])('chooses by %o', (env, who) => {
    expect(openIdentity(env).who).toBe(who);
  });
});
