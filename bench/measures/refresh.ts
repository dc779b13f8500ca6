import type { MeasuredProcess } from '../measured-process.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Row } from '../table.ts';
import type { TestBed } from '../test-bed.ts';
import type { TaskRunner } from './index-build.ts';
import type { Extent } from './plan.ts';

/** CPU time of a whole refresh against JSON.parse of the same body. */
export async function measureRefresh(
  bed: TestBed,
  app: MeasuredProcess,
  runner: TaskRunner,
  { rounds }: Extent,
): Promise<Row[]> {
  const refresh = (change: 'changed' | 'unchanged') => async () => {
    const before = await app.readUsage();
    await bed.refresh(app, change);
    return (await app.readUsage()).cpuMs - before.cpuMs;
  };
  const work = {
    parse: () => runner.run('parse'),
    changed: refresh('changed'),
    unchanged: refresh('unchanged'),
  };
  const figures = await runInterleaved(work, rounds);
  // Below, signing in costs more than the list.
  const limit = bed.records >= 10_000 ? ({ of: 'ratio', atMost: 3 } as const) : undefined;
  return ['changed', 'unchanged'].map((name) =>
    createRow({
      group: 'Refresh, CPU',
      name: `${name} list`,
      records: bed.records,
      unit: 'ms',
      values: figures[name] ?? [],
      against: { name: 'JSON.parse of the body', values: figures['parse'] ?? [] },
      limit,
    }),
  );
}
