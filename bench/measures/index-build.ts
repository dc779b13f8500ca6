import { fork } from 'node:child_process';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { receive } from '../child-message.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Row } from '../table.ts';
import type { UsageBody } from '../usage-body.ts';
import type { Extent } from './plan.ts';

const tasks = ['parse', 'naive', 'index', 'filter', 'columns'] as const;
export type Task = (typeof tasks)[number];

const figureSchema = z.object({ cpuMs: z.number() });

/** Runs one task after the other over a list, in a process of its own. */
export type TaskRunner = { readonly run: (task: Task) => Promise<number>; readonly stop: () => void };

/** Starts the process that parses, filters and indexes `list`; undefined when the machine has too little memory for it. */
export async function startTaskRunner(folder: string, list: UsageBody): Promise<TaskRunner | undefined> {
  const heapMegabytes = Math.ceil((list.body.length * 12) / 2 ** 20) + 512;
  // Everything at once: two files, a two-byte text, objects.
  if (process.availableMemory() < heapMegabytes * 2 ** 20 + 6 * list.body.length) return undefined;
  const files = ['body.json', 'lines.ndjson'].map((name) => join(folder, `${list.body.length}-${name}`));
  await writeFile(files[0] ?? '', list.body);
  await writeFile(files[1] ?? '', list.lines);
  const child = fork(new URL('index-process.ts', import.meta.url), files, {
    execArgv: [`--max-old-space-size=${heapMegabytes}`],
  });
  await receive(child, z.literal('ready'));
  return {
    run: async (task) => {
      const figure = receive(child, figureSchema);
      child.send(task);
      return (await figure).cpuMs;
    },
    stop: () => child.disconnect(),
  };
}

/** CPU time to build the index of a list from its stored lines, against a service that parses, filters and stringifies it. */
export async function measureIndexBuild(runner: TaskRunner, records: number, { rounds }: Extent): Promise<Row[]> {
  const work = Object.fromEntries(tasks.map((task) => [task, () => runner.run(task)]));
  const figures = await runInterleaved(work, rounds);
  const rowOf = (name: string, task: Task, atMost?: number) =>
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
    rowOf('index from stored lines', 'index', limit),
    rowOf('the same, with what the filter reads', 'filter', limit),
    rowOf('the same, with every column', 'columns'),
    rowOf('JSON.parse', 'parse'),
    rowOf('parse + filter + stringify', 'naive'),
  ];
}
