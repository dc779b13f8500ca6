import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { applyBreakage, listProductFiles } from './apply-breakage.ts';
import { breakages } from './breakages.ts';

const root = resolve(import.meta.dirname, '../..');
const files = listProductFiles(root);
const sources = new Map(
  await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const)),
);

describe('a breakage', () => {
  it.each(breakages)('changes the code that is there: $what', (breakage) => {
    for (const { after } of applyBreakage(breakage, sources)) {
      expect(() => parseAst(after, { lang: 'ts' })).not.toThrow();
    }
    expect(breakage.tests.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('has a row in docs/resilience.md', async () => {
    const page = await readFile(join(root, 'docs/resilience.md'), 'utf8');
    expect(
      breakages.filter(({ what, tests }) => !page.includes(`| ${what} `) || !page.includes(`${tests[0]}`)),
    ).toEqual([]);
  });

  it('fails loudly when its code has moved on', () => {
    const breakage = { what: 'nothing', edits: [['no such text', '']], tests: [] } as const;
    expect(() => applyBreakage(breakage, sources)).toThrow('occurs 0 times: no such text');
    expect(() => applyBreakage({ ...breakage, edits: [['import ', '']] }, sources)).toThrow(/occurs \d{3,} times/);
  });
});
