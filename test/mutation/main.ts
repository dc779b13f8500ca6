import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseWholeNumber, readOptions, runCommand } from '../../setup/command-line.ts';
import type { CommandContext } from '../../setup/command-line.ts';
import { runVitest } from '../support/commands/run-vitest.ts';
import { createWorkingCopy } from '../support/commands/working-copy.ts';
import type { WorkingCopy } from '../support/commands/working-copy.ts';
import { applyEdit, findMutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { createRelatedTests } from './related-tests.ts';
import { formatScores, takeSample } from './score.ts';
import type { Tried, Verdict } from './score.ts';

/** The pure core, the refresh and the adapter of Partner Center. */
const folders = 'snapshot query views budget-events stored-data daily-figures refresh reading partner-center'.split(
  ' ',
);
const baselineTimeoutMs = 20 * 60_000;
/** How long tests may take, beside three times what they take unchanged. */
const extraTimeMs = 45_000;
/** Of the test files that load the mutated one, so many nearest ones run first, and so many at most. */
const nearFiles = 4;
const relatedFiles = 20;

/** Tests that start processes and hold the texts of the tables, by the folder that they hold. */
const processTests = {
  'test/docs.test.ts': 'shared/',
  'test/e2e/faults/upstream-codes.test.ts': 'shared/partner-center/',
};
const processTestsMs = 40_000;
const tableKinds = ['Literal', 'ObjectExpression', 'ArrayExpression'];

/** Test files that run one stage after the other, until a test fails. */
type Plan = readonly { readonly files: readonly string[]; readonly timeoutMs: number }[];

await runCommand(measureMutationScore);

async function measureMutationScore({ args, print }: CommandContext): Promise<number> {
  const { sample, seed, only, jobs } = readMutationOptions(args);
  const files = folders.flatMap((folder) => globSync(`shared/${folder}/*.ts`)).filter((file) => file.includes(only));
  const sources = new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)));
  const all = [...sources].flatMap(([file, source]) => findMutants(file, source));
  const left = takeSample(all, sample, seed);
  print(`${left.length} of ${all.length} mutants in ${files.length} files, seed ${seed}`);
  const copies = await Promise.all(Array.from({ length: jobs }, createWorkingCopy));
  try {
    const plan = await planTests(copies[0], print);
    const tried: Tried[] = [];
    const workOff = async (copy: WorkingCopy) => {
      for (let mutant = left.pop(); mutant !== undefined; mutant = left.pop()) {
        const verdict = await tryMutant(copy, mutant, plan(mutant));
        tried.push({ mutant, verdict });
        if (verdict !== 'killed') print(describeMutant(mutant, verdict));
        if (tried.length % 25 === 0) print(`${tried.length} tried`);
      }
    };
    await Promise.all(copies.map(workOff));
    print(`\n${formatScores(tried)}`);
  } finally {
    await Promise.all(copies.map((copy) => copy.remove()));
  }
  return 0;
}

function readMutationOptions(args: readonly string[]) {
  const usage = 'npm run mutation -- [options]: how many small changes of the code the tests catch';
  const { sample, seed, only, jobs } = readOptions(args, usage, {
    sample: { type: 'string', default: '400', help: 'number of mutants, taken by chance' },
    seed: { type: 'string', default: '1', help: 'which ones' },
    only: { type: 'string', default: '', help: 'a part of the path of the files to mutate' },
    jobs: { type: 'string', default: '2', help: 'copies of the project that work at the same time' },
  });
  return {
    sample: parseWholeNumber('sample', sample, 100_000),
    seed: parseWholeNumber('seed', seed, 999_999_999),
    jobs: parseWholeNumber('jobs', jobs, 16),
    only,
  };
}

/** Runs all tests in memory once without a mutant. Files that fail then prove nothing and are left out. */
async function planTests(
  copy: WorkingCopy | undefined,
  print: CommandContext['print'],
): Promise<(mutant: Mutant) => Plan> {
  if (copy === undefined) throw new Error('there is no copy to work in');
  const wholeRun = { files: [], projects: ['unit', 'long'], isComplete: true, timeoutMs: baselineTimeoutMs } as const;
  const run = await runVitest(copy.folder, wholeRun);
  for (const name of run.failed) print(`left out, because it fails without a mutant: ${name}`);
  const tests = [...run.durations.keys()].filter((file) => !run.failed.some((name) => name.startsWith(`${file}: `)));
  if (tests.length === 0) throw new Error(`no test passes\n${run.output}`);
  const code = globSync(['{functions,shared,test}/**/*.ts']);
  const sources = await Promise.all(code.map(async (file) => [file, await readFile(file, 'utf8')] as const));
  const findRelatedTests = createRelatedTests(new Map(sources), tests);

  return ({ file, kind }) => {
    const related = findRelatedTests(file).slice(0, relatedFiles);
    const [near, far] = [related.slice(0, nearFiles), related.slice(nearFiles)];
    const last = Object.entries(processTests).flatMap(([test, part]) =>
      file.startsWith(part) && tableKinds.includes(kind) ? [test] : [],
    );
    const stages = [near, far, last].filter(({ length }) => length > 0);
    return stages.map((files) => {
      const usualMs = files.reduce((sum, test) => sum + (run.durations.get(test) ?? processTestsMs), 0);
      return { files, timeoutMs: extraTimeMs + 3 * usualMs };
    });
  };
}

async function tryMutant(copy: WorkingCopy, mutant: Mutant, stages: Plan): Promise<Verdict> {
  const source = await copy.read(mutant.file);
  await copy.write(mutant.file, applyEdit(source, mutant));
  try {
    for (const stage of stages) {
      const { outcome } = await runVitest(copy.folder, stage);
      if (outcome !== 'passed') return outcome === 'failed' ? 'killed' : outcome;
    }
    return 'survived';
  } finally {
    await copy.write(mutant.file, source);
  }
}

function describeMutant({ file, line, kind, before, text }: Mutant, verdict: Verdict): string {
  return `${verdict}: ${file}:${line} ${kind} [${shorten(before)}] -> [${shorten(text)}]`;
}

function shorten(part: string): string {
  return part.replaceAll(/\s+/g, ' ').slice(0, 100);
}
