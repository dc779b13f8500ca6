import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const project = new URL('../../', import.meta.url);
const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })),
});
const manifestSchema = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

describe('install scripts', () => {
  it('are all on the list, allowed or not', async () => {
    const { packages } = lockSchema.parse(JSON.parse(await readFile(new URL('package-lock.json', project), 'utf8')));
    const { allowScripts } = manifestSchema.parse(JSON.parse(await readFile(new URL('package.json', project), 'utf8')));
    const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = withScript.map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(Object.keys(allowScripts)).toEqual([...new Set(names)].toSorted());
  });

  it('run only from the list, by the setting in .npmrc', async () => {
    expect(await readFile(new URL('.npmrc', project), 'utf8')).toMatch(/^strict-allow-scripts=true$/m);
  });

  // Older versions of npm do not know the setting, and run every script.
  const isKnown = npm(['config', 'get', 'strict-allow-scripts'], tmpdir()).stdout.trim() !== 'undefined';

  describe.skipIf(!isKnown)('under .npmrc', () => {
    let folder = '';

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'scripts-'));
      const install = `node -e "require('node:fs').writeFileSync(process.env.INIT_CWD + '/ran', '')"`;
      const planted = { name: 'planted', version: '1.0.0', scripts: { install } };
      await writeFile(join(folder, 'package.json'), JSON.stringify(planted));
      npm(['pack'], folder);
      await cp(new URL('.npmrc', project), join(folder, '.npmrc'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it.each<[what: string, isAllowed: boolean | undefined, isInstalled: boolean, hasRun: boolean]>([
      ['stops the install of a package that is not on the list', undefined, false, false],
      ['skips the script of one that is denied', false, true, false],
      ['runs the script of one that is allowed', true, true, true],
    ])('npm %s', async (_what, isAllowed, isInstalled, hasRun) => {
      const tarball = `file:${folder}/planted-1.0.0.tgz`;
      const allowScripts = isAllowed === undefined ? {} : { [tarball]: isAllowed };
      const manifest = { name: 'app', version: '1.0.0', dependencies: { planted: tarball }, allowScripts };
      await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
      const { status } = npm(['install', '--offline', '--no-audit', '--no-fund'], folder);
      const files = await readdir(folder);
      expect({ isInstalled: status === 0, hasRun: files.includes('ran') }).toEqual({ isInstalled, hasRun });
      for (const name of ['node_modules', 'package-lock.json', 'ran']) {
        await rm(join(folder, name), { recursive: true, force: true });
      }
    });
  });
});

function npm(args: readonly string[], cwd: string | URL) {
  return spawnSync('npm', args, { cwd, encoding: 'utf8' });
}
