import { startLoad } from '../load.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import { routes } from '../routes.ts';
import { runInterleaved } from '../statistics.ts';
import { createRow, type Row } from '../table.ts';
import type { TestBed } from '../test-bed.ts';
import { peerNames, startPeers } from './peers.ts';
import { measureRequests, withCpuTime, type Extent, type LoadFigures } from './plan.ts';

/** The 99th percentile of latency on the filtered page, at as many requests a second as the naive service gets at most. */
export async function measureSaturation(bed: TestBed, app: MeasuredProcess, extent: Extent): Promise<Row[]> {
  const load = startLoad();
  const peers = await startPeers(bed);
  try {
    const seconds = 2 * extent.seconds;
    const naive = withCpuTime(peers.naive);
    await measureRequests(load, naive, { ...routes.filtered, seconds });
    const { perSecond } = await measureRequests(load, naive, { ...routes.filtered, seconds });
    const request = { ...routes.filtered, seconds, perSecond };
    const work: Record<string, () => Promise<LoadFigures>> = {
      app: () => measureRequests(load, withCpuTime(app), request),
    };
    for (const name of peerNames) work[name] = () => measureRequests(load, withCpuTime(peers[name]), request);
    const figures = await runInterleaved(work, extent.rounds);
    const listP99 = (name: string) => (figures[name] ?? []).map(({ p99Ms }) => p99Ms);
    return peerNames.map((name) =>
      createRow({
        group: 'Latency (p99) where the naive service saturates',
        name: 'filtered',
        records: bed.records,
        unit: 'ms',
        values: listP99('app'),
        perSecond,
        against: { name, values: listP99(name) },
        limit: { of: 'ratio', atMost: 1 },
      }),
    );
  } finally {
    load.stop();
    await Promise.all(peerNames.map((name) => peers[name].stop()));
  }
}
