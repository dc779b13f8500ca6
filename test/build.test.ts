import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp, listPackages, writeNotices } from '../build.ts';

describe('the notices beside the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'notices-'));
  let notices = '';

  beforeAll(async () => {
    await buildApp(folder);
    notices = readFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('name every dependency of the app, with version, licence and text', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    const dependencies: Record<string, string> = manifest.dependencies;
    for (const [name, version] of Object.entries(dependencies)) expect(notices).toContain(`\n${name} ${version} (`);
    expect(notices).toContain('\nzod 4.6.7 (MIT)\n\nMIT License\n\nCopyright (c) 2025 Colin McDonnell');
  });

  it('name what the dependencies bring along', () => {
    expect(notices).toMatch(/\n@azure\/core-rest-pipeline \d\S* \(MIT\)\n/);
  });

  it('name nothing that is not in the bundle, and of the SDKs nothing that a read does not need', () => {
    expect(notices).not.toMatch(/\n(?:esbuild|vitest|typescript|azurite) \d/);
    expect(notices).not.toMatch(/\n(?:apache-arrow|jsonwebtoken|semver|open) \d/);
  });

  it('stand beside a file of what the app uses of storage and identity', () => {
    const load = createRequire(import.meta.url);
    const { AzureCliCredential, BlobServiceClient, ManagedIdentityCredential } = load(join(folder, 'azure-sdk.cjs'));
    expect(new AzureCliCredential()).toHaveProperty('getToken');
    expect(new ManagedIdentityCredential({})).toHaveProperty('getToken');
    expect(new BlobServiceClient('https://account.blob.core.windows.net').accountName).toBe('account');
  });
});

describe('listPackages', () => {
  it('finds the folder of each package once, those within others too', () => {
    const inputs = [
      'functions/index.ts',
      'node_modules/zod/v4/index.js',
      'node_modules/zod/index.js',
      'node_modules/@azure/identity/dist/index.js',
      'node_modules/@azure/identity/node_modules/ms/index.js',
    ];
    expect(listPackages(inputs)).toEqual([
      'node_modules/@azure/identity',
      'node_modules/@azure/identity/node_modules/ms',
      'node_modules/zod',
    ]);
  });
});

describe('writeNotices', () => {
  const copyleft = { name: 'sticky', version: '1.0.0', license: 'GPL-3.0-only', texts: ['GPL'] };

  it.each(['GPL-3.0-only', '(MIT OR GPL-3.0-only)', 'UNLICENSED', undefined])('refuses the licence %s', (license) => {
    expect(() => writeNotices([{ ...copyleft, license }])).toThrow(
      `sticky 1.0.0 has the licence ${license}, which is not on the list of build.ts`,
    );
  });

  it('says so where a package has no licence file', () => {
    expect(writeNotices([{ ...copyleft, license: 'MIT', texts: [] }])).toContain(
      '\nsticky 1.0.0 (MIT)\n\nThe package holds no licence file.\n',
    );
  });
});
