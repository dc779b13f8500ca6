import { RefusedError } from '../errors.ts';
import { combinationProblems } from './combinations.ts';
import { readParameters } from './read-parameters.ts';
import { mediaTypes, usageParameters, withFormatDefaults } from './parameters.ts';
import type { Format, ParameterName, UsageQuery } from './parameters.ts';

export type ParseOptions = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The parameters of the route; all of the table unless given. */
  readonly known?: readonly ParameterName[];
  /** Formats that the caller accepts, the preferred one first. Used when `format` is absent. */
  readonly acceptedFormats?: readonly Format[];
};

const allNames = usageParameters.keyof().options;

/**
 * The query in `params`. Throws RefusedError `InvalidRequest` with every problem. If there is none but the caller accepts no
 * format that goes with the view, throws RefusedError `NotAcceptable`.
 */
export function parseUsageQuery(
  params: URLSearchParams,
  { now, known = allNames, acceptedFormats = ['json'] }: ParseOptions,
): UsageQuery {
  const { values: parsed, problems: parameterProblems } = readParameters(usageParameters, params, known);
  const available: readonly Format[] = parsed.view === 'full' ? ['json'] : ['json', 'csv'];
  const format = parsed.format ?? acceptedFormats.find((accepted) => available.includes(accepted));
  const query = withFormatDefaults(parsed, format ?? 'json');
  const invalidNames = new Set(parameterProblems.map(({ parameter }) => parameter));
  const problems = [...parameterProblems, ...combinationProblems(query, { faulty: invalidNames, known, now })];
  if (problems.length > 0) throw new RefusedError({ kind: 'InvalidRequest', problems });
  if (format === undefined) {
    const types = available.map((name) => mediaTypes[name]);
    throw new RefusedError({ kind: 'NotAcceptable', header: 'Accept', available: types });
  }
  return query;
}
