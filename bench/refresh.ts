import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { usageBody } from './records.ts';

const run = promisify(execFile);
const worker = new URL('refresh-process.ts', import.meta.url).pathname;

/** What V8 takes as its limit by itself on an instance of 512 MB; with more memory about it collects later and shows a higher peak. */
const smallHeap = '--max-old-space-size=256';

type Cost = { readonly cpuMs: number; readonly peakMiB: number };

/** What a whole refresh costs a process, beside what JSON.parse of the same body costs one: medians of `rounds` pairs. */
export async function refreshCosts(records: number, rounds: number): Promise<{ parse: Cost; refresh: Cost }> {
  const body = usageBody({ records });
  const gzipped = gzipSync(body);
  const server = createServer(({ headers }, response) => {
    // As Partner Center does: the measure's own `fetch` decodes it before the clock runs.
    const isGzip = headers['accept-encoding']?.includes('gzip') === true;
    const sent = isGzip ? gzipped : body;
    response.setHeader('content-length', sent.length);
    if (isGzip) response.setHeader('content-encoding', 'gzip');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(sent);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${portOf(server.address())}`;
    const costs = { parse: [] as Cost[], refresh: [] as Cost[] };
    for (let round = 0; round < rounds; round += 1) {
      costs.parse.push(await costOf('parse', url));
      costs.refresh.push(await costOf('refresh', url));
    }
    return { parse: medianOf(costs.parse), refresh: medianOf(costs.refresh) };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function costOf(mode: 'parse' | 'refresh', url: string): Promise<Cost> {
  const { stdout } = await run(process.execPath, [smallHeap, worker, mode, url]);
  const cost: Cost = JSON.parse(stdout);
  return cost;
}

function medianOf(costs: readonly Cost[]): Cost {
  const middle = Math.floor(costs.length / 2);
  const median = (values: number[]) => values.toSorted((one, other) => one - other)[middle] ?? Number.NaN;
  return { cpuMs: median(costs.map(({ cpuMs }) => cpuMs)), peakMiB: median(costs.map(({ peakMiB }) => peakMiB)) };
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
