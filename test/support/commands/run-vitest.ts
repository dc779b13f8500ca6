import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export type TestRun = {
  readonly outcome: 'passed' | 'failed' | 'timed out';
  /** `file: name of the test`, below the project's root; empty when the run ended before any test. */
  readonly failed: readonly string[];
  /** Milliseconds that each test file took. */
  readonly durations: ReadonlyMap<string, number>;
  readonly output: string;
};

export type TestRunOptions = {
  /** Below the project's root; all of `projects` when there are none. */
  readonly files: readonly string[];
  readonly projects?: readonly string[];
  /** Goes on after the first failure. */
  readonly isComplete?: boolean;
  readonly timeoutMs: number;
};

const reportFile = 'coverage/tests-of-copy.json';

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      message: z.string().optional(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** Runs tests in a copy of the project, until the first failure unless the run is to be complete, and ends the whole process group when the time is over. */
export async function runVitest(folder: string, options: TestRunOptions): Promise<TestRun> {
  const { files, projects = [], isComplete = false, timeoutMs } = options;
  await rm(join(folder, reportFile), { force: true });
  const reporters = ['--reporter=json', `--outputFile.json=${reportFile}`];
  const args = [
    'run',
    '--config',
    'test/vitest.config.ts',
    '--bail',
    isComplete ? '0' : '1',
    ...reporters,
    ...projects.flatMap((project) => ['--project', project]),
    ...files,
  ];
  const child = spawn(join(folder, 'node_modules/.bin/vitest'), args, {
    cwd: folder,
    // A group of its own, because vitest starts workers, and those may start processes.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=2048' },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child.pid);
  }, timeoutMs);
  const [code]: (number | null)[] = await once(child, 'close');
  clearTimeout(timer);
  endGroup(child.pid);
  const outcome = isLate ? 'timed out' : code === 0 ? 'passed' : 'failed';
  return { outcome, output: Buffer.concat(chunks).toString(), ...(await readReport(folder)) };
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

async function readReport(folder: string): Promise<Pick<TestRun, 'failed' | 'durations'>> {
  const text = await readFile(join(folder, reportFile), 'utf8').catch(() => '{"testResults":[]}');
  const { testResults } = reportSchema.parse(JSON.parse(text));
  const toName = (path: string) => path.slice(folder.length + 1);
  const failed = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ fullName }) => fullName.replace(/ \(with seed=-?\d+\)$/, ''));
    // A file that does not load has a message and no test.
    const problems = tests.length === 0 && status === 'failed' ? [message?.split('\n')[0] ?? 'does not load'] : tests;
    return problems.map((problem) => `${toName(name)}: ${problem}`);
  });
  const durations = testResults.map(({ name, startTime, endTime }) => [toName(name), endTime - startTime] as const);
  return { failed, durations: new Map(durations) };
}
