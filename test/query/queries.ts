import { RefusedError } from '../../shared/errors.ts';
import type { ParameterProblem } from '../../shared/errors.ts';
import { parseUsageQuery } from '../../shared/query/usage-query.ts';
import type { ParameterName, UsageQuery } from '../../shared/query/parameters.ts';

export const now = Date.UTC(2026, 10, 20, 2);

/** The query a URL asks for at `now`. */
export function parseQuery(text: string, known?: readonly ParameterName[]): UsageQuery {
  return parseUsageQuery(new URLSearchParams(text), { now, ...(known && { known }) });
}

/** What the 400 says of a URL. */
export function findProblems(text: string, known?: readonly ParameterName[]): readonly ParameterProblem[] {
  try {
    parseQuery(text, known);
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.kind === 'InvalidRequest') return error.refusal.problems;
    throw error;
  }
  return [];
}

/** The same, each as `parameter code`. */
export function findProblemCodes(text: string): string[] {
  return findProblems(text).map(({ parameter, code }) => `${parameter} ${code}`);
}
