import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Tests that start processes: the built app, the local cloud, the commands, git, shells and LibreOffice. */
const processTests = [
  ...['bench', 'chaos', 'e2e', 'local', 'samples'].map((folder) => `test/${folder}/**/*.test.ts`),
  'test/{docs,help,layers,summary}.test.ts',
  'test/contract/descriptions.test.ts',
  'test/functions/composition.test.ts',
  'test/views/csv-in-libreoffice.test.ts',
  'test/infra/{install-scripts,package,smoke-test}.test.ts',
];

const setupTests = ['test/setup/**/*.test.ts'];

/** Tests that take seconds each, such as every state of the model and stories of 60 days. */
const longTests = [
  'test/model/*.test.ts',
  'test/functions/*/{60-days,heavy-answers,hostile-lists,hostile-months,spend-jumps}.test.ts',
  'test/infra/planted-faults.test.ts',
];

/** The longest files, in this order: one that starts last would run alone at the end. */
const longest = [
  'test/chaos/chaos.test.ts',
  'test/e2e/operating/runbook.test.ts',
  'test/bench/bench.test.ts',
  'test/local/start.test.ts',
  'test/e2e/faults/',
  'test/setup/',
  'test/contract/',
  'test/model/',
  ...['budget-events/60-days', 'kept-lists/60-days', 'usage-records/hostile-lists'].map(
    (name) => `test/functions/${name}.test.ts`,
  ),
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => getGroup(one) - getGroup(other) || getRank(one) - getRank(other));
  }
}

const getGroup = ({ project }: TestSpecification) => project.config.sequence.groupOrder ?? 0;

function getRank({ moduleId }: TestSpecification): number {
  const rank = longest.findIndex((path) => moduleId.includes(path));
  return rank === -1 ? longest.length : rank;
}

const root = new URL('..', import.meta.url).pathname;

const processOptions = {
  globalSetup: ['test/e2e/stage/build-app.ts'],
  // The hosts and commands that these tests start by the hundred load compiled code.
  env: { NODE_COMPILE_CACHE: `${root}node_modules/.cache/compiled` },
  // More than the cores: these tests mostly wait for timers and for other processes.
  maxWorkers: 4,
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    root,
    // Long enough for a machine that does other work: these only end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    sequence: { sequencer: LongestFirst },
    // What tests import keeps no state between files.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['functions/**', 'shared/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 99, branches: 99 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...longTests, ...processTests, ...setupTests],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'long', include: longTests, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'e2e', include: processTests, ...processOptions } },
      // The SDK's managed identity knows the first local cloud of a process only, and these commands run inside the test's own.
      { extends: true, test: { name: 'setup', include: setupTests, isolate: true, ...processOptions } },
    ],
  },
});
