import { readOptions, runCommand } from '../../setup/command-line.ts';
import type { CommandContext } from '../../setup/command-line.ts';
import { runVitest } from '../support/commands/run-vitest.ts';
import { createWorkingCopy } from '../support/commands/working-copy.ts';
import type { WorkingCopy } from '../support/commands/working-copy.ts';
import { applyBreakage, listProductFiles } from './apply-breakage.ts';
import { breakages } from './breakages.ts';
import type { Breakage } from './breakages.ts';

const timeoutMs = 3 * 60_000;

await runCommand(tryBreakages);

/** Breaks the code in one place after the other and runs the tests that must notice. Ends with 1 when one does not. */
async function tryBreakages({ args, print }: CommandContext): Promise<number> {
  const usage = 'npm run breakages -- [options]: breaks the code on purpose and reports which test notices';
  const { only } = readOptions(args, usage, {
    only: { type: 'string', default: '', help: 'a part of the name of the breakages to try' },
  });
  const copy = await createWorkingCopy();
  try {
    const chosen = breakages.filter(({ what }) => what.includes(only));
    await checkUnbroken(copy, chosen);
    print('| Breakage | Caught by |\n| --- | --- |');
    let missed = 0;
    for (const breakage of chosen) {
      const caughtBy = await tryBreakage(copy, breakage);
      if (caughtBy === undefined) missed += 1;
      print(`| ${breakage.what} | ${caughtBy?.replace(/^(\S+): /, '`$1`: ') ?? '**nothing**'} |`);
    }
    print(`\n${chosen.length - missed} of ${chosen.length} caught`);
    return missed === 0 ? 0 : 1;
  } finally {
    await copy.remove();
  }
}

/** A test that fails anyway proves nothing. */
async function checkUnbroken({ folder }: WorkingCopy, chosen: readonly Breakage[]): Promise<void> {
  const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
  const { outcome, output } = await runVitest(folder, { files, timeoutMs });
  if (outcome !== 'passed') throw new Error(`the tests fail without any breakage\n${output}`);
}

/** The first test that fails, as `file: name`; `undefined` when all pass. */
async function tryBreakage(copy: WorkingCopy, breakage: Breakage): Promise<string | undefined> {
  const files = listProductFiles(copy.folder);
  const sources = new Map(await Promise.all(files.map(async (file) => [file, await copy.read(file)] as const)));
  const changes = applyBreakage(breakage, sources);
  try {
    await Promise.all(changes.map(({ file, after }) => copy.write(file, after)));
    const { outcome, failed } = await runVitest(copy.folder, { files: breakage.tests, timeoutMs });
    return outcome === 'passed' ? undefined : (failed[0] ?? outcome);
  } finally {
    await Promise.all(changes.map(({ file, before }) => copy.write(file, before)));
  }
}
