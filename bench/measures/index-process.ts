import { readFileSync } from 'node:fs';
import { findLines, parseSnapshot } from '../../shared/snapshot/snapshot.ts';
import { runToCompletion } from '../../shared/turns.ts';
import type { Task } from './index-build.ts';

/* Does each task once for a message and answers with its CPU time. */
const [body, lines] = process.argv.slice(2).map((path) => readFileSync(path));
if (body === undefined || lines === undefined) throw new Error('usage: index-process.ts <body> <lines>');

/** The pointer says it. */
const recordCount = lines.reduce((count, byte) => count + Number(byte === 0x0a), 0);

type ParsedRecord = { readonly percentUsed: number; readonly budget?: { readonly amount?: number } };

const run: Readonly<Record<Task, () => unknown>> = {
  parse: () => JSON.parse(body.toString()),
  naive: () => {
    const { items }: { items: ParsedRecord[] } = JSON.parse(body.toString());
    const value = items.filter(({ budget, percentUsed }) => budget?.amount !== undefined && percentUsed >= 80);
    return Buffer.from(JSON.stringify({ value }));
  },
  lines: () => runToCompletion(findLines(lines, recordCount)),
  index: () => parseSnapshot(lines, recordCount),
  filter: () => {
    const { budgetAmount, percentUsed } = parseSnapshot(lines, recordCount);
    return [budgetAmount, percentUsed];
  },
  // Reading a column makes it.
  columns: () => Object.values(parseSnapshot(lines, recordCount)),
};

process.on('message', (task: Task) => {
  const before = process.cpuUsage();
  run[task]();
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
