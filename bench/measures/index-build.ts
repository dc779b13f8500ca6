import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { receive } from '../child-message.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Row } from '../table.ts';
import type { UsageBody } from '../usage-body.ts';
import type { Extent } from './plan.ts';

const tasks = ['parse', 'naive', 'lines', 'index', 'filter', 'columns'] as const;
export type Task = (typeof tasks)[number];

const figureSchema = z.object({ cpuMs: z.number() });

/** Runs tasks over a list in a process of their own. */
export type TaskRunner = {
  /** In the process that ran the tasks before: code that is run again is compiled. */
  readonly run: (task: Task) => Promise<number>;
  /** In a process that has run nothing yet. */
  readonly runFirst: (task: Task) => Promise<number>;
  readonly stop: () => void;
};

/** Starts the process that parses, filters and indexes `list`; undefined when the machine has too little memory for it. */
export async function startTaskRunner(folder: string, list: UsageBody): Promise<TaskRunner | undefined> {
  const heapMegabytes = Math.ceil((list.body.length * 12) / 2 ** 20) + 512;
  // Everything at once: two files, a two-byte text, objects.
  if (process.availableMemory() < heapMegabytes * 2 ** 20 + 6 * list.body.length) return undefined;
  const files = ['body.json', 'lines.ndjson'].map((name) => join(folder, `${list.body.length}-${name}`));
  await writeFile(files[0] ?? '', list.body);
  await writeFile(files[1] ?? '', list.lines);
  const child = await startProcess();
  return {
    run: (task) => runIn(child, task),
    runFirst: async (task) => {
      const fresh = await startProcess();
      return await runIn(fresh, task).finally(() => fresh.disconnect());
    },
    stop: () => child.disconnect(),
  };

  async function startProcess(): Promise<ChildProcess> {
    const execArgv = [`--max-old-space-size=${heapMegabytes}`];
    const started = fork(new URL('index-process.ts', import.meta.url), files, { execArgv });
    await receive(started, z.literal('ready'));
    return started;
  }
}

async function runIn(child: ChildProcess, task: Task): Promise<number> {
  const figure = receive(child, figureSchema);
  child.send(task);
  return (await figure).cpuMs;
}

/** CPU time to build the index of a list from its stored lines, against a service that parses, filters and stringifies it. */
export async function measureIndexBuild(runner: TaskRunner, records: number, { rounds }: Extent): Promise<Row[]> {
  const again = await runInterleaved(listWork(tasks, runner.run), rounds);
  const first = await runInterleaved(listWork(firstTasks, runner.runFirst), rounds, { isCold: true });
  const rowOf = (name: string, task: Task, atMost?: number, figures = again) =>
    createRow({
      group: 'Index build, CPU',
      name,
      records,
      unit: 'ms',
      values: figures[task] ?? [],
      against: { name: 'parse + filter + stringify', values: figures['naive'] ?? [] },
      limit: atMost === undefined ? undefined : { of: 'ratio', atMost },
    });
  const limit = records >= 10_000 ? 0.6 : undefined;
  return [
    rowOf('lines found, enough for a page without filter', 'lines', limit),
    rowOf('index from stored lines', 'index', limit),
    rowOf('the same, with what the filter reads', 'filter', limit),
    rowOf('the same, with every column', 'columns'),
    rowOf('JSON.parse', 'parse'),
    rowOf('parse + filter + stringify', 'naive'),
    rowOf('first in a process: lines found', 'lines', limit, first),
    rowOf('first in a process: what the filter reads', 'filter', limit, first),
    rowOf('first in a process: parse + filter + stringify', 'naive', undefined, first),
  ];
}

/** What the first request of a process may have to wait for, and what it is compared with. */
const firstTasks = ['lines', 'filter', 'naive'] as const;

function listWork(names: readonly Task[], run: TaskRunner['run']): Readonly<Record<string, () => Promise<number>>> {
  return Object.fromEntries(names.map((task) => [task, () => run(task)]));
}
