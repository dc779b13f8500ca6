import { fork } from 'node:child_process';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { receive } from '../child-message.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Row } from '../table.ts';
import type { UsageBody } from '../usage-body.ts';
import type { Extent } from './plan.ts';

const tasks = ['parse', 'fold', 'search', 'one-year', 'fifty-month', 'three-days'] as const;
export type HistoryTask = (typeof tasks)[number];

const readySchema = z.object({ monthBytes: z.number() });
const figuresSchema = z.object({
  ms: z.number(),
  cpuMs: z.number(),
  longestMs: z.number(),
  heldBytes: z.number(),
  calls: z.number(),
  bytes: z.number(),
});

/**
 * The last fold of a month of `records` records, the search for jumps in four weeks of it, reading the history with nothing in memory, and earlier days in memory, over a store in memory: the time
 * has no network in it, the calls and bytes are those that storage would see. All months of the year hold the same figures.
 */
export async function measureHistory(
  folder: string,
  list: UsageBody,
  records: number,
  { rounds }: Extent,
): Promise<Row[]> {
  const files = ['history.ndjson', 'history.json'].map((name) => join(folder, `${records}-${name}`));
  await writeFile(files[0] ?? '', list.lines);
  await writeFile(files[1] ?? '', list.body);
  const child = fork(new URL('history-process.ts', import.meta.url), files);
  try {
    const { monthBytes } = await receive(child, readySchema);
    const run = (task: HistoryTask) => async () => {
      const figures = receive(child, figuresSchema);
      child.send(task);
      return await figures;
    };
    const figures = await runInterleaved(Object.fromEntries(tasks.map((task) => [task, run(task)])), rounds);
    const listOf = (task: HistoryTask, name: keyof z.infer<typeof figuresSchema>) =>
      (figures[task] ?? []).map((each) => each[name]);
    const rowOf = (name: string, task: HistoryTask) => {
      const [calls, bytes] = [listOf(task, 'calls').at(-1) ?? 0, listOf(task, 'bytes').at(-1) ?? 0];
      const aside = `${calls} calls to storage, ${Math.round(bytes / 1024)} KiB read`;
      return createRow({ group: 'History', name, records, unit: 'ms', values: listOf(task, 'ms'), aside });
    };
    const longestBlock = (task: HistoryTask) => Math.round(Math.max(...listOf(task, 'longestMs')));
    const cpuRowOf = (name: string, task: HistoryTask, aside: string) =>
      createRow({
        group: 'History',
        name,
        records,
        unit: 'ms',
        values: listOf(task, 'cpuMs'),
        against: { name: 'JSON.parse of the body', values: listOf('parse', 'cpuMs') },
        aside,
      });
    return [
      cpuRowOf(
        'daily fold, the last of a month, CPU',
        'fold',
        `month ${Math.round(monthBytes / 1024)} KiB, longest block ${longestBlock('fold')} ms`,
      ),
      cpuRowOf(
        'four weeks of a tenth of the rows, for jumps, CPU',
        'search',
        `longest block ${longestBlock('search')} ms`,
      ),
      rowOf('1 customer over a year', 'one-year'),
      rowOf('50 customers over a month', 'fifty-month'),
      createRow({
        group: 'History',
        name: 'three earlier days in memory',
        records,
        unit: 'MB',
        values: listOf('three-days', 'heldBytes').map((bytes) => bytes / 2 ** 20),
      }),
    ];
  } finally {
    child.disconnect();
  }
}
