import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const project = new URL('../../', import.meta.url);

describe('.funcignore', () => {
  it('lets through what runs, and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'package-'));
    const kept = ['dist/index.cjs', 'host.json', 'package.json'];
    const left =
      'dist/index.cjs.map dist/old/index.js package-lock.json local.settings.json .env build.ts README.md functions/index.ts ' +
      'shared/host.json test/package.json node_modules/zod/package.json .azure/prod/.env';

    try {
      for (const file of [...kept, ...left.split(' ')]) {
        const path = join(folder, file);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, '');
      }
      // git reads the same syntax as azd does.
      await cp(new URL('.funcignore', project), join(folder, '.gitignore'));
      execFileSync('git', ['init', '--quiet'], { cwd: folder });
      const found = execFileSync('git', ['ls-files', '--others', '--exclude-standard'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(found.trim().split('\n')).toEqual(kept);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('infra/hooks/build-package.sh', () => {
  it.each<[what: string, script: string, expected: object]>([
    ['leaves the new bundle alone', 'mkdir -p dist && echo 1 >dist/index.cjs', { status: 0, files: ['index.cjs'] }],
    ['fails when the build made none', 'true', { status: 1, files: [] }],
    ['fails when the build fails', 'false', { status: 1, files: [] }],
  ])('%s', async (_what, build, expected) => {
    const folder = await mkdtemp(join(tmpdir(), 'build-'));
    try {
      for (const path of ['infra/hooks', 'dist', 'node_modules/.bin'])
        await mkdir(join(folder, path), { recursive: true });
      await cp(new URL('infra/hooks/build-package.sh', project), join(folder, 'infra/hooks/build-package.sh'));
      await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { build } }));
      await writeFile(join(folder, 'dist/old.cjs'), 'left over');
      await writeFile(join(folder, 'node_modules/.bin/esbuild'), '');
      await chmod(join(folder, 'node_modules/.bin/esbuild'), 0o755);
      const { status } = spawnSync('sh', [join(folder, 'infra/hooks/build-package.sh')], { cwd: tmpdir() });
      expect({ status, files: await readdir(join(folder, 'dist')).catch(() => []) }).toEqual(expected);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
