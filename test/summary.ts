import { z } from 'zod';

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

const reportSchema = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ status: z.string() })) })),
});

/** Counts the tests of Vitest's JSON report. What neither passed nor was skipped failed, and a report without a pass is a failure. */
export function countTests(report: unknown): Counts {
  const { testResults } = reportSchema.parse(report);
  const statuses = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const skipped = statuses.filter((status) => status === 'skipped' || status === 'todo').length;
  return { passed, skipped, failed: passed === 0 ? 1 : statuses.length - passed - skipped };
}

/** The sum of all counts, as the last line of `npm test` states it. */
export function describeCounts(results: readonly Counts[]): string {
  const sum = (name: keyof Counts) => results.reduce((total, counts) => total + counts[name], 0);
  return `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`;
}
