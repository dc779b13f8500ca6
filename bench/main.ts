import { answerCandidates } from './answers.ts';
import { buildApp } from '../build.ts';
import { coreCandidates } from './core.ts';
import { httpThroughput } from './http.ts';
import { refreshCosts } from './refresh.ts';
import { measure } from './rounds.ts';
import type { Result } from './rounds.ts';
import { rowCandidates } from './rows.ts';

/** The limits of a refresh (design.md 12): CPU as a multiple of JSON.parse of the body, memory of a small instance. */
const refreshLimit = 5;
const instanceMiB = 512;

/** Prints what the work costs as shares of the unit, the first line, beside the limits of design.md 12. */
function report(title: string, results: readonly Result[]): void {
  console.log(`\n${title}`);
  console.table(
    results.map(({ name, medianMs, ratio, limit }) => ({
      work: name,
      'median ms': Number(medianMs.toPrecision(3)),
      ratio: Number(ratio.toPrecision(2)),
      limit: limit ?? '',
      verdict: limit === undefined ? '' : verdictOf(ratio, limit),
    })),
  );
}

async function reportRefresh(records: number): Promise<void> {
  const { parse, refresh } = await refreshCosts(records, 3);
  const ratio = refresh.cpuMs / parse.cpuMs;
  console.log(`\na whole refresh of ${records} records, in a process of its own`);
  console.table([
    { work: 'JSON.parse of the body', 'CPU ms': Math.round(parse.cpuMs), 'peak MiB': Math.round(parse.peakMiB) },
    {
      work: 'refresh: download, walk, check, gate, hash, snapshot and daily blob',
      'CPU ms': Math.round(refresh.cpuMs),
      ratio: Number(ratio.toPrecision(2)),
      limit: refreshLimit,
      verdict: verdictOf(ratio, refreshLimit),
      'peak MiB': Math.round(refresh.peakMiB),
      'peak limit': instanceMiB,
      'peak verdict': verdictOf(refresh.peakMiB, instanceMiB),
    },
  ]);
}

async function reportHttp(records: number): Promise<void> {
  console.log(`\n${records} records over HTTP, against hello world in the same kind of host`);
  console.table(
    (await httpThroughput(records, 3, 2)).map(({ name, perSecond, ratio, least }) => ({
      work: name,
      'requests/s': Math.round(perSecond),
      ratio: Number(ratio.toPrecision(2)),
      'at least': least ?? '',
      verdict: least === undefined ? '' : verdictOf(least, ratio),
    })),
  );
}

function verdictOf(value: number, limit: number): string {
  return value <= limit ? 'holds' : 'BROKEN';
}

await buildApp();
for (const [records, rounds] of [
  [10_000, 31],
  [100_000, 11],
] as const) {
  report(
    `${records} records`,
    await measure([...coreCandidates(records), ...(await answerCandidates(records))], rounds),
  );
  report(`${records} records, flat rows and totals`, await measure(rowCandidates(records), rounds));
  await reportRefresh(records);
  await reportHttp(records);
}
