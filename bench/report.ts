import { writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { drawChart } from './chart.ts';
import type { Extent } from './measures/plan.ts';
import { formatTable, judgeRow, type Row } from './table.ts';

/** Writes the table and the picture, and says where. */
export async function writeReport(folder: string, rows: readonly Row[], extent: Extent, notes: readonly string[]) {
  await writeFile(join(folder, 'results.svg'), drawChart(rows));
  await writeFile(join(folder, 'results.md'), formatReport(rows, extent, notes));
  console.log(`\nwritten to ${join(folder, 'results.md')} and results.svg`);
}

/** The results as a Markdown page. */
export function formatReport(rows: readonly Row[], { rounds, seconds }: Extent, notes: readonly string[]): string {
  const judged = rows.map(judgeRow);
  const count = (verdict: string) => judged.filter((each) => each === verdict).length;
  return `# Benchmark results

Made by \`npm run bench\`. ${describeMachine()}

Interleaved rounds: ${rounds}, each load ${seconds} s; the medians of all rounds (with the lowest and the highest). A ratio is to the
baseline in the same round. CPU is that of the serving process, all its threads. \`bare\` is a handler
in the app's own process that returns the app's own bytes and headers. Both are asked in turn, one request at a time, and a figure is
the median request. The control rows compare one half of the bare requests with the other, which shows the error of the measure.
Servers, callers and the local cloud share the machine, so requests a second compare within this table only.

Limits: ${count('holds')} hold, ${count('does not hold')} do not.
${notes.map((note) => `\n- ${note}`).join('')}

![CPU a request by number of records](results.svg)

${formatTable(rows)}
`;
}

function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `Machine: ${availableParallelism()} cores of ${model}, ${gigabytes} GB, ${platform()} ${arch()}, Node ${process.version}.`;
}
