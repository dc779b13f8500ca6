import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const project = new URL('../../', import.meta.url);

describe('.funcignore', () => {
  const funcignore = readFileSync(new URL('.funcignore', project), 'utf8');

  it('is what the pipeline packs', () => {
    const workflow = readFileSync(new URL('.github/workflows/azure-dev.yml', project), 'utf8');
    const packed = /zip -X api\.zip (.*)/.exec(workflow)?.[1]?.split(' ');
    expect(packed).toEqual(['dist/THIRD-PARTY-NOTICES.txt', 'dist/*.cjs', 'host.json', 'package.json']);
  });

  // With `remoteBuild: false` azd stops at an ignore file that excludes this folder, whatever it re-includes inside it.
  it.each<[what: string, text: string, excluded: string[]]>([
    ['.funcignore', funcignore, []],
    ['everything but the bundle', '/*\n!/dist/\n', ['node_modules']],
    ['a file of an excluded folder taken back', '/*\n!/node_modules/zod/package.json\n', ['node_modules']],
    ['the folder taken back, and then its content left out', '/*\n!/node_modules/\n/node_modules/*\n', []],
  ])('node_modules under %s', async (_what, text, excluded) => {
    expect(await listIgnored(text, 'node_modules/zod/package.json')).toEqual(excluded);
  });
});

/** The folder of this file, when this ignore file excludes it. git follows the same rules as the library of azd. */
async function listIgnored(ignoreFile: string, file: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'package-'));
  try {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), '');
    await writeFile(join(folder, '.gitignore'), ignoreFile);
    spawnSync('git', ['init', '--quiet'], { cwd: folder });
    const args = ['-c', 'core.excludesFile=/dev/null', 'check-ignore', file.split('/')[0] ?? ''];
    const { stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    await rm(folder, { recursive: true });
  }
}

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
