import { fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { receive } from '../child-message.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import { routes } from '../routes.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Limit, type Row } from '../table.ts';
import { readAnswer, type TestBed } from '../test-bed.ts';
import type { Extent } from './plan.ts';

const root = join(import.meta.dirname, '../..');
const loadSchema = z.object({ loadMs: z.number() });

/** Time from starting the host to the first page, and to load the bundle alone. */
export async function measureStart(bed: TestBed, { rounds }: Extent): Promise<Row[]> {
  const figures = await runInterleaved<number>(
    {
      hello: () => timeFirstAnswer(() => bed.startBaseline('hello.ts'), '/api/hello'),
      app: () => timeFirstAnswer(() => bed.startApp(), routes.page.path),
      'hello loads': () => timeLoad(join(root, 'bench/baselines/hello.ts'), bed.settings),
      'bundle loads': () => timeLoad(join(root, 'dist/index.cjs'), bed.settings),
    },
    rounds,
    { isCold: true },
  );
  const rowOf = (name: string, own: string, baseline: string, limit: Limit) =>
    createRow({
      group: 'Cold start',
      name,
      records: bed.records,
      unit: 'ms',
      values: figures[own] ?? [],
      against: { name: baseline, values: figures[baseline] ?? [] },
      limit,
    });
  return [
    rowOf('host started to first page', 'app', 'hello', { of: 'ratio', atMost: 1.1 }),
    rowOf('load of the bundle', 'bundle loads', 'hello loads', { of: 'value', atMost: 80 }),
  ];
}

async function timeFirstAnswer(start: () => Promise<MeasuredProcess>, path: string): Promise<number> {
  const startedAt = performance.now();
  const server = await start();
  try {
    await readAnswer(server, path);
    return performance.now() - startedAt;
  } finally {
    await server.stop();
  }
}

async function timeLoad(file: string, settings: TestBed['settings']): Promise<number> {
  const child = fork(new URL('load-file.ts', import.meta.url), [file], { env: { ...process.env, ...settings } });
  return (await receive(child, loadSchema)).loadMs;
}
