import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseConsentSettings } from '../../setup/consent/settings.ts';
import { findProgram } from '../support/commands/programs.ts';
import { checkInfra } from './checks/check.ts';
import { findingText } from './checks/finding.ts';
import { readInfra } from './checks/infra-files.ts';

const project = new URL('../../', import.meta.url);

describe('infra/', () => {
  it('passes every check', async () => {
    expect((await checkInfra(project)).map(findingText)).toEqual([]);
  });

  it('outputs every setting that npm run consent needs', async () => {
    const { bicep } = await readInfra(new URL('infra/', project));
    const outputs = bicep
      .filter(({ path }) => path === 'main.bicep')
      .flatMap(({ declarations }) => declarations.filter(({ kind }) => kind === 'output'));
    const values = outputs.map(({ name }) => [
      name,
      name.endsWith('_URL') ? 'https://example.vault.azure.net/' : '3c5e1a52-8f0d-4d0b-9a5e-5b1f6f0c7d11',
    ]);
    expect(() => parseConsentSettings(Object.fromEntries(values))).not.toThrow();
  });

  it('offers both roles to users and to applications', async () => {
    const { texts } = await readInfra(new URL('infra/', project));
    const { appRoles } = JSON.parse(texts['entra/app-registration.json'] ?? '{}');
    const everyone = { allowedMemberTypes: ['User', 'Application'], isEnabled: true };
    expect(appRoles).toEqual([
      expect.objectContaining({ value: 'Usage.Read', ...everyone }),
      expect.objectContaining({ value: 'Usage.Refresh', ...everyone }),
    ]);
    expect(appRoles[0].id).not.toBe(appRoles[1].id);
  });

  it('gives the app write access to one vault only', async () => {
    const { bicep } = await readInfra(new URL('infra/', project));
    const main = bicep.find(({ path }) => path === 'main.bicep')?.text ?? '';
    expect(main.match(/appAccess: '\w+'/g)).toEqual(["appAccess: 'read'", "appAccess: 'write'"]);
    expect(main.split('module refreshTokenVault ')[1]).toContain("appAccess: 'write'");
    expect(main.split('module refreshTokenVault ')[0]).not.toContain("appAccess: 'write'");
  });

  it('lets the app read and set secrets of the vault it writes to, and nothing else', async () => {
    const { texts } = await readInfra(new URL('infra/', project));
    const vault = texts['modules/vault.bicep'] ?? '';
    expect(vault.match(/Microsoft\.KeyVault\/[\w/]+\/action/g)).toEqual([
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
      'Microsoft.KeyVault/vaults/secrets/setSecret/action',
    ]);
    expect(vault).toMatch(/var appRoleId = appAccess == 'write' \? readAndSetRoleId : roleIds\.keyVaultSecretsUser/);
  });

  it('keeps closing lists and history for ten years, daily copies for 400 days and working blobs for 62', async () => {
    const { texts } = await readInfra(new URL('infra/', project));
    const rules = [
      ...(texts['modules/usage-storage.bicep'] ?? '').matchAll(
        /prefixMatch: (\[.*\])[^}]*\}\s*actions: \{\s*baseBlob: \{ delete: \{ daysAfterModificationGreaterThan: (\d+)/g,
      ),
    ];
    expect(rules.map(([, prefixes, days]) => [prefixes, days])).toEqual([
      ["['${containerName}/monthly/', '${containerName}/history/']", '3653'],
      ["['${containerName}/daily/']", '400'],
      ["['${containerName}/snapshots/', '${containerName}/events/', '${containerName}/quarantine/']", '62'],
    ]);
  });
});

describe('programs that npm cannot bring', () => {
  it.skipIf(findProgram('shellcheck') === undefined)('shellcheck finds nothing in the scripts', () => {
    const scripts = ['infra/hooks/build-package.sh', 'infra/hooks/smoke-test.sh', 'infra/entra/register.sh'];
    expect(outputOf('shellcheck', ['--severity=style', ...scripts])).toBe('');
  });

  it.skipIf(findProgram('bicep') === undefined)('bicep builds and lints main.bicep without a word', () => {
    expect(outputOf('bicep', ['build', 'infra/main.bicep', '--outfile', '/dev/null'])).toBe('');
    expect(outputOf('bicep', ['lint', 'infra/main.bicep'])).toBe('');
  });
});

function outputOf(program: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program, args, { cwd: project, encoding: 'utf8' });
  return `${stdout}${stderr}${status === 0 ? '' : `exit ${status}`}`;
}
