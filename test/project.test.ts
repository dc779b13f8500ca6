import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe('what the project has', () => {
  it('every folder with code has a row in docs/architecture.md', () => {
    const code = globSync(['*/**/*.ts'], { cwd: root, exclude: ['node_modules', 'dist', 'coverage'] });
    const folders = code.map((file) => /^(?:shared\/)?[\w-]+\//.exec(file)?.[0] ?? '');
    const page = read('docs/architecture.md');
    const named = [...page.matchAll(/^\| (`[^|]*?`) +\|/gm)].map(([, cell]) => cell).join();
    expect([...new Set(folders)].filter((folder) => !named.includes(`\`${folder}\``))).toEqual([]);
  });

  it.each(['README.md', 'docs/deploying.md'])('%s asks for the Node.js that npm ci wants', (page) => {
    const [major] = /\d+/.exec(JSON.parse(read('package.json')).engines.node) ?? [];
    expect(read(page)).toMatch(new RegExp(`(?:need|^-) Node\\.js ${major}\\b`, 'm'));
  });

  it('the workflow tests as .ci/run does, with the programs it installs', () => {
    const workflow: unknown = parse(read('.github/workflows/test.yml'));
    expect(workflow).toMatchObject({ jobs: { test: { container: expect.stringMatching(/^node:24/) } } });
    expect(JSON.stringify(workflow)).toContain('{"run":".ci/run"}');
  });
});
