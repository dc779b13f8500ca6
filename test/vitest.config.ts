import { defineConfig } from 'vitest/config';

/** Tests that start processes: the built app, the local cloud, the commands, git and shells. */
const processTests = [
  ...['bench', 'chaos', 'e2e', 'local', 'samples', 'setup'].map((folder) => `test/${folder}/**/*.test.ts`),
  'test/{docs,help}.test.ts',
  'test/infra/{package,smoke-test}.test.ts',
];

const root = new URL('..', import.meta.url).pathname;

export default defineConfig({
  test: {
    root,
    // Long enough for a machine that does other work: these only end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    coverage: {
      provider: 'v8',
      include: ['functions/**', 'shared/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 95, branches: 95 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: processTests,
          // Nothing these tests import keeps state between files.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: processTests,
          globalSetup: ['test/e2e/stage/build-app.ts'],
          // The hosts and commands that these tests start by the hundred load compiled code.
          env: { NODE_COMPILE_CACHE: `${root}node_modules/.cache/compiled` },
          // More than the cores: these tests mostly wait for timers and for other processes.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
