import { startLoad } from '../load.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import { listRoutes, routes } from '../routes.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Limit, type Row } from '../table.ts';
import type { TestBed } from '../test-bed.ts';
import { measureRequests, withCpuTime, type Extent } from './plan.ts';

/** What V8 takes by itself where 2 GB are all there is: read in a control group of that size. */
const flags = '--max-old-space-size=1024 --max-semi-space-size=32';
const group = 'Memory';

type MemoryFigures = { readonly heldBytes: number; readonly settledBytes: number; readonly peakBytes: number };

/**
 * What a process holds with the list in memory, has after the same load, and takes at most with a refresh and every route; beside
 * it the same of hello world.
 */
export async function measureMemory(bed: TestBed, { rounds, seconds }: Extent): Promise<Row[]> {
  const load = startLoad();
  const page = (server: MeasuredProcess, path: string) =>
    measureRequests(load, withCpuTime(server), { path, headers: routes.page.headers, seconds: 2 * seconds });
  try {
    const figures = await runInterleaved<MemoryFigures>(
      {
        hello: () =>
          readMemory(
            () => bed.startBaseline('hello.ts'),
            (hello) => page(hello, '/api/hello'),
            () => Promise.resolve(),
          ),
        app: () =>
          readMemory(
            () => bed.startApp(flags),
            (app) => page(app, routes.page.path),
            async (app) => {
              await bed.refresh(app, 'changed');
              for (const [, route] of listRoutes()) {
                if (route.status === 304) continue;
                await measureRequests(load, withCpuTime(app), { ...route, isHeavy: true, seconds: 0 });
              }
            },
          ),
      },
      Math.min(rounds, 3),
      { isCold: true },
    );
    const list = (name: string, figure: keyof MemoryFigures) =>
      (figures[name] ?? []).map((each) => each[figure] / 2 ** 20);
    const rowOf = (name: string, figure: keyof MemoryFigures, limit: Limit | undefined) =>
      createRow({
        group,
        name,
        records: bed.records,
        unit: 'MB',
        values: list('app', figure),
        against: { name: 'hello', values: list('hello', figure) },
        limit,
      });
    return [
      rowOf('in use with the list, collected', 'heldBytes', undefined),
      rowOf('resident after load', 'settledBytes', bed.records === 250 ? { of: 'ratio', atMost: 1.2 } : undefined),
      rowOf('peak', 'peakBytes', bed.records === 100_000 ? { of: 'value', atMost: 400 } : undefined),
    ];
  } finally {
    load.stop();
  }
}

async function readMemory(
  start: () => Promise<MeasuredProcess>,
  settle: (server: MeasuredProcess) => Promise<unknown>,
  strain: (server: MeasuredProcess) => Promise<unknown>,
): Promise<MemoryFigures> {
  const server = await start();
  try {
    await settle(server);
    const { rssBytes } = await server.readUsage();
    await server.collectGarbage();
    const { liveBytes } = await server.readUsage();
    await strain(server);
    const { peakBytes } = await server.readUsage();
    return { heldBytes: liveBytes, settledBytes: rssBytes, peakBytes };
  } finally {
    await server.stop();
  }
}
