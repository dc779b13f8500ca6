import { Pool } from 'undici';
import { planSchema, type LoadPlan, type LoadResult } from './load.ts';

/*
 * Sends the requests, in a process of its own, so that their cost is not the measured server's nor the benchmark's. A message is a
 * plan, and its answer a result.
 */
let number = 0;
/** Connections stay open between plans: opening them would be measured with the requests of a short one. */
const pools = new Map<string, Pool>();
let ending = new AbortController();

process.on('message', (message) => {
  if (message === 'end') return ending.abort();
  ending = new AbortController();
  void sendRequests(planSchema.parse(message)).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());

async function sendRequests(plan: LoadPlan): Promise<LoadResult> {
  const { origin, paths, connections, seconds, atLeast, perSecond } = plan;
  const pool = getPool(origin, connections);
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  let sent = 0;

  async function sendInTurn(): Promise<void> {
    while (!ending.signal.aborted && (sent < atLeast || performance.now() < end)) {
      // With a rate a request is due whether or not the last one is answered, and waiting for a connection counts as latency.
      const due = perSecond === undefined ? performance.now() : start + (sent / perSecond) * 1000;
      if (perSecond !== undefined && due >= end && sent >= atLeast) return;
      sent += 1;
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => void setTimeout(resolve, early));
      await sendRequest(pool, plan, paths[(sent - 1) % paths.length] ?? '');
      latencies.push(performance.now() - due);
    }
  }

  await Promise.all(Array.from({ length: connections }, sendInTurn));
  const sorted = latencies.toSorted((one, other) => one - other);
  return {
    requests: latencies.length,
    perSecond: (latencies.length / (performance.now() - start)) * 1000,
    p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN,
    longestMs: sorted.at(-1) ?? Number.NaN,
  };
}

function getPool(origin: string, connections: number): Pool {
  const key = `${connections} ${origin}`;
  const pool = pools.get(key) ?? new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  pools.set(key, pool);
  return pool;
}

async function sendRequest(pool: Pool, { headers, status }: LoadPlan, path: string): Promise<void> {
  number += 1;
  const time = new Date(Date.UTC(2001) + number).toISOString();
  const own = path.replace('{n}', String(number % 100_000).padStart(5, '0')).replace('{time}', time);
  const { statusCode, body } = await pool.request({ method: 'GET', path: own, headers });
  await body.dump({ limit: Number.MAX_SAFE_INTEGER });
  if (statusCode !== status) throw new Error(`${own} answered ${statusCode}, expected ${status}`);
}
