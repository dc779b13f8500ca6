import { coreCandidates } from './core.ts';
import { rowCandidates } from './rows.ts';
import { measure } from './rounds.ts';
import type { Result } from './rounds.ts';

/** Prints what the work costs as shares of the unit, the first line, beside the limits of design.md 12. */
function report(title: string, results: readonly Result[]): void {
  console.log(`\n${title}`);
  console.table(
    results.map(({ name, medianMs, ratio, limit }) => ({
      work: name,
      'median ms': Number(medianMs.toFixed(2)),
      ratio: Number(ratio.toPrecision(2)),
      limit: limit ?? '',
      verdict: limit === undefined ? '' : ratio <= limit ? 'holds' : 'BROKEN',
    })),
  );
}

for (const [records, rounds] of [
  [10_000, 31],
  [100_000, 11],
] as const) {
  report(`${records} records`, measure(coreCandidates(records), rounds));
  report(`${records} records, flat`, measure(rowCandidates(records), rounds));
}
