import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzip, gzipSync } from 'node:zlib';
import { systemClock as clock, systemYieldToEventLoop as yieldToEventLoop } from '../../shared/clock.ts';
import { addDays, listDays } from '../../shared/days.ts';
import { collectSeries, createPoints } from '../../shared/history/points.ts';
import { createRefreshFigures } from '../../shared/daily-figures/refresh-figures.ts';
import { createDailyFiguresReader } from '../../shared/daily-figures/daily-figures-reader.ts';
import { foldKeptDays } from '../../shared/daily-figures/fold-history.ts';
import { createKeptListLoader } from '../../shared/reading/kept-list-loader.ts';
import type { MonthStore, SnapshotStore } from '../../shared/ports.ts';
import { parseSnapshot } from '../../shared/snapshot/snapshot.ts';
import type { UsageSnapshot } from '../../shared/snapshot/snapshot.ts';
import type { HistoryTask } from './history.ts';

/* Folds a month of one list in memory, then does each task once for a message and answers with its figures. */
const lines = readFileSync(process.argv[2] ?? '');
const body = readFileSync(process.argv[3] ?? '');
// In one chunk, as the product does.
const decompress = (bytes: Buffer) => promisify(gunzip)(bytes, { chunkSize: lines.length + 64 });
const compressed = gzipSync(lines, { level: 2 });
const context = { log: () => undefined, signal: new AbortController().signal, correlationId: '' };
const folded = { from: '2026-10-01', to: '2026-10-30' };
const written = new Map<string, { readonly bytes: Buffer; readonly etag: string }>();
const traffic = { calls: 0, bytes: 0 };
let keptDays = listDays(folded.from, folded.to);

function refuse(): never {
  throw new Error('the fold does not do this');
}

const store: SnapshotStore = {
  readPointer: refuse,
  writePointer: refuse,
  writeLines: refuse,
  readLines: async () => decompress(compressed),
  listBlobs: async () => keptDays.map((day) => `daily/${day.slice(0, 7)}/${day}T060000Z-0123456789abcdef.ndjson.gz`),
};
const months: MonthStore = {
  readStart: async (blob, { maxBytes }) => {
    const month = written.get(blob);
    return month && { ...month, bytes: count(month.bytes.subarray(0, maxBytes)) };
  },
  readRange: async (blob, { start, end }) => count(written.get(blob)?.bytes.subarray(start, end) ?? Buffer.alloc(0)),
  replace: async (blob, parts) => {
    written.set(blob, { bytes: Buffer.concat(parts), etag: '"1"' });
    return 'written';
  },
};

function count(bytes: Buffer): Buffer {
  traffic.calls += 1;
  traffic.bytes += bytes.length;
  return bytes;
}

const deps = { store, months, clock, yieldToEventLoop };
await foldKeptDays(deps, '2026-11-01', context);
const october = written.get('history/2026-10.ndjson.gz');
if (october === undefined) throw new Error('nothing was folded');
// A year of months that are like this one.
for (let month = 1; month <= 12; month += 1) {
  const name = `history/2026-${String(month).padStart(2, '0')}.ndjson.gz`;
  written.set(name, { ...october, etag: `"${month}"` });
}
const ids = parseSnapshot(lines).customerIds;

async function readHistory(customers: number, monthCount: number): Promise<void> {
  const reader = createDailyFiguresReader({ months, yieldToEventLoop, cacheBytes: 16 * 1024 * 1024 });
  const step = Math.floor(ids.length / customers);
  const wanted = new Set(Array.from({ length: customers }, (_, at) => ids[at * step] ?? ''));
  const names = Array.from({ length: monthCount }, (_, at) => `2026-${String(12 - at).padStart(2, '0')}`);
  const stored = await reader.getMonths(names, 0, context);
  const days = [];
  for (const month of stored) {
    const read = await reader.readRows(month, wanted, context);
    if (read !== 'changed') days.push(...read);
  }
  for (const point of createPoints(collectSeries(days), folded, () => '')) void point;
}

const run: Readonly<Record<HistoryTask, () => Promise<unknown>>> = {
  parse: async () => JSON.parse(body.toString()),
  fold: async () => {
    written.set('history/2026-10.ndjson.gz', october);
    keptDays = [...listDays(folded.from, folded.to), addDays(folded.to, 1)];
    await foldKeptDays(deps, '2026-11-01', context);
  },
  search: async () => {
    written.set('history/2026-10.ndjson.gz', october);
    keptDays = listDays(folded.from, folded.to);
    await searchForJumps();
  },
  'one-year': () => readHistory(1, 12),
  'fifty-month': () => readHistory(50, 1),
  'three-days': loadThreeDays,
};

/** What a changed list asks of the history when a tenth of its rows may have jumped, as in the lists of the local cloud. */
async function searchForJumps(): Promise<void> {
  const today = addDays(folded.to, 1);
  const figures = createRefreshFigures(deps);
  await figures.catchUp(today, context);
  let rows = 0;
  await figures.getRecentCosts(today, () => (rows += 1) % 10 === 0, context);
}

/** What `asOf` keeps in memory. */
async function loadThreeDays(): Promise<readonly UsageSnapshot[]> {
  const load = createKeptListLoader({ store, yieldToEventLoop, maxLists: 3, maxBytes: Number.MAX_SAFE_INTEGER });
  const days = listDays('2026-10-01', '2026-10-03');
  const kept = days.map((day) => ({ blob: day, day, fetchedAt: Date.parse(day), contentHash: undefined }));
  return Promise.all(kept.map((list) => load(list, context)));
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function readLiveBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

process.on('message', (task: HistoryTask) => {
  void measure(task).then((figures) => process.send?.(figures));
});
process.on('disconnect', () => process.exit());
process.send?.({ monthBytes: october.bytes.length });

async function measure(task: HistoryTask) {
  Object.assign(traffic, { calls: 0, bytes: 0 });
  const liveBytes = readLiveBytes();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const results = [await run[task]()];
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  const cpuMs = (user + system) / 1000;
  const heldBytes = readLiveBytes() - liveBytes;
  results.length = 0;
  return { ms, cpuMs, longestMs: delay.max / 1e6, heldBytes, ...traffic };
}
