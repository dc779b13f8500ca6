import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { countTests, describeCounts } from './summary.ts';

const root = resolve(import.meta.dirname, '..');

const source = `
  import { describe, expect, it } from 'vitest';
  it('passes', () => expect(1).toBe(1));
  it('passes too', () => expect(1).toBe(1));
  it('fails', () => expect(1).toBe(2));
  it.skipIf(true)('lacks a program', () => expect(1).toBe(2));
  it('finds out late', (context) => context.skip());
  it.todo('is planned');
  describe.skip('lacks a program', () => it('for all its tests', () => expect(1).toBe(2)));
`;

it('counts what Vitest skipped as skipped', async () => {
  await mkdir(join(root, 'coverage'), { recursive: true });
  const folder = await mkdtemp(join(root, 'coverage/summary-'));
  try {
    await writeFile(join(folder, 'some.test.ts'), source);
    const args = ['run', `--root=${folder}`, '--reporter=json', '--outputFile=report.json'];
    const vitest = join(root, 'node_modules/.bin/vitest');
    await promisify(execFile)(vitest, args).catch(() => undefined);
    const counts = countTests(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')));
    expect(counts).toEqual({ passed: 2, failed: 1, skipped: 4 });
    const checks = { passed: 1, failed: 0, skipped: 0 };
    expect(describeCounts([checks, counts])).toBe('3 passed, 1 failed, 4 skipped');
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('counts a report without a test as a failure', () => {
  expect(countTests({ testResults: [] })).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
