import { InvalidRequestError } from '../errors.ts';
import { readTexts } from './parameter-texts.ts';
import { readValues } from './parameter-values.ts';
import { combinationProblems } from './query-combinations.ts';
import { usageParameters } from './query.ts';
import type { ParameterName, UsageQuery } from './query.ts';

const names = usageParameters.keyof().options;

/**
 * The query that `params` ask for at the instant `now`; of the table's parameters only those in `known` are taken. Throws one
 * InvalidRequestError with every problem there is.
 */
export function parseUsageQuery(
  params: URLSearchParams,
  now: number,
  known: readonly ParameterName[] = names,
): UsageQuery {
  const { texts, problems } = readTexts(params, known);
  const { values: query, faults } = readValues(usageParameters, texts);
  const single = [...problems, ...faults];
  const faulty = new Set(single.map(({ parameter }) => parameter));
  const all = [...single, ...combinationProblems(query, faulty, now)];
  if (all.length > 0) throw new InvalidRequestError(all);
  return query;
}
