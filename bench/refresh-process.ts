import { createPartnerCenterUsage } from '../shared/partner-center/client.ts';
import { createPartnerCenterAgent } from '../shared/partner-center/http.ts';
import { attemptRefresh } from '../shared/refresh/attempt.ts';
import type { SnapshotStore } from '../shared/refresh/ports.ts';
import { createEventLogLoader } from '../shared/refresh/event-log-loader.ts';
import { createSnapshotLoader } from '../shared/refresh/snapshot-loader.ts';
import { gunzipLines, gzipLines } from '../shared/storage/gzip-lines.ts';
import { joinRecords } from '../shared/usage/joined-records.ts';
import { pageOf } from '../shared/usage/page.ts';
import type { SnapshotPointer } from '../shared/usage/pointer.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';

/*
 * One process that does one thing, so that its CPU time and peak memory are that thing's own: `parse` downloads the body and
 * parses it; `refresh` does all of a refresh but the network to the blob, twice (the second has a last good snapshot to load),
 * and then reads.
 */
const [mode, apiUrl = ''] = process.argv.slice(2);
const maxBlobBytes = 512 * 1024 * 1024;
const call = { log: () => undefined, signal: new AbortController().signal, correlationId: crypto.randomUUID() };

const cpuMs = mode === 'parse' ? await parseBody() : await refreshTwice();
console.log(JSON.stringify({ cpuMs, peakMiB: process.resourceUsage().maxRSS / 1024 }));

async function parseBody(): Promise<number> {
  const response = await fetch(`${apiUrl}/v1/customers/usagerecords`);
  const body = Buffer.from(await response.arrayBuffer());
  return cpuOf(() => JSON.parse(body.toString()));
}

async function refreshTwice(): Promise<number> {
  const source = createPartnerCenterUsage({
    dispatcher: createPartnerCenterAgent(),
    apiUrl,
    tokens: { get: () => Promise.resolve('token'), drop: () => undefined },
    clock: Date.now,
    random: Math.random,
    sleep: () => Promise.resolve(),
  });
  const store = createGzipStore();
  const tokens = { version: '1', issuedAt: undefined };
  const deps = {
    source,
    store,
    tokens: { current: () => Promise.resolve(tokens), reread: () => Promise.resolve(tokens) },
    load: createSnapshotLoader(store),
    loadEventLog: createEventLogLoader(store),
    thresholds: [50, 80, 90, 100, 120],
    budgetLimits: { warningPercent: 80, overPercent: 100 },
    clock: Date.now,
    random: Math.random,
  };
  const refresh = async () => {
    const stored = await store.readPointer(call);
    await attemptRefresh(deps, stored === 'unchanged' ? undefined : stored, call);
  };
  const cpu = await cpuOf(refresh);
  await refresh();
  await readPages(deps.load, store);
  return cpu;
}

async function readPages(load: ReturnType<typeof createSnapshotLoader>, store: SnapshotStore): Promise<void> {
  const stored = await store.readPointer(call);
  const info = stored === 'unchanged' ? undefined : stored?.pointer.snapshot;
  if (!info) throw new Error('nothing was published');
  const snapshot = await load(info, call);
  for (const text of ['maxpagesize=10000', 'orderby=percentUsed%20desc&maxpagesize=10000', 'search=contoso']) {
    const query = parseUsageQuery(new URLSearchParams(text), Date.now());
    joinRecords(snapshot, pageOf(snapshot, info.contentHash, query).rows);
  }
}

/** Storage that costs what ours costs: gzip and gunzip, without the network. */
function createGzipStore(): SnapshotStore {
  const blobs = new Map<string, Buffer>();
  let pointer: SnapshotPointer | undefined;
  return {
    readPointer: () => Promise.resolve(pointer === undefined ? undefined : { pointer, etag: '"1"' }),
    writePointer: (next) => {
      pointer = next;
      return Promise.resolve({ pointer: next, etag: '"1"' });
    },
    readLines: (blob) => gunzipLines(blobs.get(blob) ?? Buffer.alloc(0), maxBlobBytes),
    writeLines: async (blob, lines) => {
      blobs.set(blob, await gzipLines(lines));
    },
  };
}

async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
