import { InvalidRequestError } from '../errors.ts';
import type { NotAcceptableError } from '../errors.ts';
import { readTexts } from './parameter-texts.ts';
import { readValues } from './parameter-values.ts';
import { combinationProblems } from './query-combinations.ts';
import { usageParameters, usageQueryOf } from './query.ts';
import type { Format, ParameterName, UsageQuery } from './query.ts';

const names = usageParameters.keyof().options;

/** The format of `available` that the caller likes best, or that it takes none; asked only where `format` does not say it. */
export type PreferredFormat = (available: readonly Format[]) => Format | NotAcceptableError;

/**
 * The query that `params` ask for at the instant `now`; of the table's parameters only those in `known` are taken. Throws one
 * InvalidRequestError with every problem there is, and without any the NotAcceptableError of `preferredFormat`.
 */
export function parseUsageQuery(
  params: URLSearchParams,
  now: number,
  known: readonly ParameterName[] = names,
  preferredFormat: PreferredFormat = () => 'json',
): UsageQuery {
  const { texts, problems } = readTexts(params, known);
  const { values: asked, faults } = readValues(usageParameters, texts);
  const format = asked.format ?? preferredFormat(asked.view === 'full' ? ['json'] : ['json', 'csv']);
  const query = usageQueryOf(asked, typeof format === 'string' ? format : 'json');
  const single = [...problems, ...faults];
  const faulty = new Set(single.map(({ parameter }) => parameter));
  const all = [...single, ...combinationProblems(query, { faulty, known, now })];
  if (all.length > 0) throw new InvalidRequestError(all);
  if (typeof format !== 'string') throw format;
  return query;
}
