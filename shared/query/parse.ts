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
  /** What the caller takes where `format` does not say it, the preferred one first. */
  readonly acceptedFormats?: readonly Format[];
};

const allNames = usageParameters.keyof().options;

/**
 * The query that `params` ask for. Throws RefusedError `InvalidRequest` with every problem there is, and without any
 * `NotAcceptable` when the caller takes no format that goes with the view.
 */
export function parseUsageQuery(
  params: URLSearchParams,
  { now, known = allNames, acceptedFormats = ['json'] }: ParseOptions,
): UsageQuery {
  const { values: asked, problems: single } = readParameters(usageParameters, params, known);
  const available: readonly Format[] = asked.view === 'full' ? ['json'] : ['json', 'csv'];
  const format = asked.format ?? acceptedFormats.find((accepted) => available.includes(accepted));
  const query = withFormatDefaults(asked, format ?? 'json');
  const faulty = new Set(single.map(({ parameter }) => parameter));
  const all = [...single, ...combinationProblems(query, { faulty, known, now })];
  if (all.length > 0) throw new RefusedError({ kind: 'InvalidRequest', problems: all });
  if (format === undefined) {
    const types = available.map((name) => mediaTypes[name]);
    throw new RefusedError({ kind: 'NotAcceptable', header: 'Accept', available: types });
  }
  return query;
}
