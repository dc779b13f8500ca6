import { describe, expect, it } from 'vitest';
import { applyEdit, findMutants } from './mutants.ts';
import { createRelatedTests } from './related-tests.ts';
import { calculateInterval, takeSample } from './score.ts';

const mutate = (source: string) => findMutants('a.ts', source).map((mutant) => applyEdit(source, mutant));

describe('findMutants', () => {
  it.each([
    ['const a = b < 1;', ['const a = b <= 1;', 'const a = b >= 1;']],
    ["const a = b + 'c';", ["const a = b + '';"]],
    ['const a = b?.c ?? d;', ['const a = b?.c && d;', 'const a = b.c ?? d;']],
    ['const a = b?.[0];', ['const a = b[0];']],
    ['if (!a) b();', ['if (true) b();', 'if (false) b();', 'if (a) b();']],
    ['const a = () => true;', ['const a = () => undefined;', 'const a = () => false;']],
    ['const a = b.slice(1).some(c);', ['const a = b.slice(1).every(c);', 'const a = b.some(c);']],
    ["const a = { b: '' };", ['const a = ({});', "const a = { b: 'mutant' };"]],
    ['a += 1;', ['a -= 1;']],
    ['a++;', ['a--;']],
  ])('changes %s in every way', (source, mutants) => {
    expect(mutate(source)).toEqual(mutants);
  });

  it('leaves types, imports and names of members alone', () => {
    expect(mutate("import a from 'b'; type C = 'd'; const e = f as 'g';")).toEqual([]);
    expect(mutate("const a = [{ 'b-c': d }];")).toEqual(['const a = [];', 'const a = [({})];']);
  });
});

describe('createRelatedTests', () => {
  it('finds the tests that load a file, its own folder and then the nearest first, and none that only uses its types', () => {
    const sources = new Map([
      ['shared/b.ts', "import {\n  a,\n} from './c/a.ts';"],
      ['test/types.test.ts', "import type { A } from '../shared/c/a.ts';"],
      ['test/far.test.ts', "const b = await import('../shared/b.ts');"],
      ['test/near.test.ts', "import { a } from '../shared/c/a.ts';"],
      ['test/c/a.test.ts', "import { b } from '../../shared/b.ts';"],
      ['test/not-run.test.ts', "import { a } from '../shared/c/a.ts';"],
    ]);
    const findRelatedTests = createRelatedTests(sources, [
      'test/c/a.test.ts',
      'test/far.test.ts',
      'test/near.test.ts',
      'test/types.test.ts',
    ]);
    expect(findRelatedTests('shared/c/a.ts')).toEqual(['test/c/a.test.ts', 'test/near.test.ts', 'test/far.test.ts']);
  });
});

describe('a sample', () => {
  const items = Array.from({ length: 50 }, (_, at) => at);

  it('is the same for the same seed, and has nothing twice', () => {
    expect(takeSample(items, 20, 3)).toEqual(takeSample(items, 20, 3));
    expect(takeSample(items, 20, 3)).not.toEqual(takeSample(items, 20, 4));
    expect(new Set(takeSample(items, 60, 3)).size).toBe(50);
  });

  it('has the interval that Wilson gives for 8 of 10', () => {
    const [low, high] = calculateInterval(8, 10);
    expect([low.toFixed(3), high.toFixed(3)]).toEqual(['0.490', '0.943']);
  });
});
