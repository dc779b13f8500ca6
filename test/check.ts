import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { countTests, describeCounts } from './summary.ts';
import type { Counts } from './summary.ts';

/** The checks besides the tests, which build the app; each is a command of its own that a developer may run alone. */
const checks = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint and layers', command: ['oxlint'] },
  { name: 'unused code', command: ['knip'] },
] as const;

const reportFile = 'coverage/tests.json';

type Result = Counts & { readonly name: string; readonly seconds: number };

const results: Result[] = await Promise.all([...checks.map(runCheck), runTests()]);

console.log('\nSummary');
for (const result of results) {
  const verdict = result.failed === 0 ? 'ok  ' : 'FAIL';
  console.log(`  ${verdict} ${result.name}: ${describeCounts([result])}, ${result.seconds} s`);
}
console.log(`\n${describeCounts(results)}`);
process.exitCode = results.every(({ failed }) => failed === 0) ? 0 : 1;

async function runCheck({ name, command }: (typeof checks)[number]): Promise<Result> {
  const { code, seconds, output } = await run(command, 'quiet');
  if (code !== 0) console.error(output);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, seconds };
}

async function runTests(): Promise<Result> {
  await rm(reportFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const command = ['vitest', 'run', '--config', 'test/vitest.config.ts', '--coverage', ...reporters];
  const { code, seconds } = await run(command, 'shown');
  const counts = await readCounts();
  // The runner also fails for a missed coverage threshold or an unhandled rejection, when no single test did.
  const failedBesides = code !== 0 && counts.failed === 0 ? 1 : 0;
  return { ...counts, name: 'tests and coverage', failed: counts.failed + failedBesides, seconds };
}

async function readCounts(): Promise<Counts> {
  try {
    return countTests(JSON.parse(await readFile(reportFile, 'utf8')));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function run([program = '', ...args]: readonly string[], mode: 'quiet' | 'shown') {
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: mode === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code]: (number | null)[] = await once(child, 'close');
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { code, seconds, output: Buffer.concat(chunks).toString() };
}
