import { startLoad, type Load } from '../load.ts';
import { functionKey, type MeasuredProcess } from '../measured-process.ts';
import { listRoutes } from '../routes.ts';
import { runInterleaved, summarize } from '../statistics.ts';
import { createRow, formatSpread, type Row } from '../table.ts';
import type { TestBed } from '../test-bed.ts';
import type { Extent } from './plan.ts';

/** What one piece of work does to everybody else on the same event loop. */
type BlockFigures = { readonly longestMs: number; readonly slowestPingMs: number };

const limitRecords = 100_000;
const longestMs = 50;

/** The longest block of the event loop in each route and in each kind of refresh, a reader pinging beside it. */
export async function measureEventLoop(bed: TestBed, app: MeasuredProcess, extent: Extent): Promise<Row[]> {
  const [load, reader] = [startLoad(), startLoad()];
  try {
    const work: Record<string, () => Promise<BlockFigures>> = {
      'no request': () => measureBlock(app, reader, () => wait(extent.seconds * 1000)),
    };
    for (const [name, { path, headers, status = 200 }] of listRoutes(extent.routes)) {
      if (status === 304) continue;
      const plan = { paths: [path], headers: { ...headers, 'x-functions-key': functionKey } };
      const once = { origin: app.origin, status, connections: 1, seconds: 0, atLeast: 1 };
      work[name] = () => measureBlock(app, reader, () => load.run({ ...plan, ...once }));
    }
    work['refresh, changed list'] = () => measureBlock(app, reader, () => bed.refresh(app, 'changed'));
    work['refresh, unchanged list'] = () => measureBlock(app, reader, () => bed.refresh(app, 'unchanged'));
    const figures = await runInterleaved(work, extent.rounds);
    return createRows(figures, bed.records);
  } finally {
    load.stop();
    reader.stop();
  }
}

async function measureBlock(app: MeasuredProcess, reader: Load, run: () => Promise<unknown>): Promise<BlockFigures> {
  const pings = reader.run({
    origin: app.origin,
    paths: ['/api/health/live'],
    headers: {},
    status: 200,
    connections: 1,
    seconds: 1_000_000,
    atLeast: 1,
    perSecond: 200,
  });
  await wait(50);
  await app.watchEventLoop();
  await run();
  const longest = await app.readLongestBlock();
  reader.end();
  return { longestMs: longest, slowestPingMs: (await pings).longestMs };
}

function createRows(figures: Readonly<Record<string, BlockFigures[]>>, records: number): Row[] {
  const list = (name: string, figure: keyof BlockFigures) => (figures[name] ?? []).map((each) => each[figure]);
  const limit = records === limitRecords ? ({ of: 'value', atMost: longestMs } as const) : undefined;
  return Object.keys(figures).map((name) =>
    createRow({
      group: 'Longest block of the event loop',
      name,
      records,
      unit: 'ms',
      values: list(name, 'longestMs'),
      against: { name: 'no request', values: list('no request', 'longestMs') },
      aside: `slowest ping ${formatSpread(summarize(list(name, 'slowestPingMs')))} ms`,
      limit,
    }),
  );
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
