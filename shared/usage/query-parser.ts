import { InvalidRequestError } from '../errors.ts';
import type { NotAcceptableError, ParameterProblem } from '../errors.ts';
import { readTexts } from './parameter-texts.ts';
import type { ParameterTexts } from './parameter-texts.ts';
import { combinationProblems } from './query-combinations.ts';
import { parameterNotes, usageParameters, usageQueryOf } from './query.ts';
import type { AskedParameters, Format, ParameterName, UsageQuery } from './query.ts';

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
  const { asked, faults } = readValues(texts);
  const format = asked.format ?? preferredFormat(asked.view === 'full' ? ['json'] : ['json', 'csv']);
  const query = usageQueryOf(asked, typeof format === 'string' ? format : 'json');
  const single = [...problems, ...faults];
  const faulty = new Set(single.map(({ parameter }) => parameter));
  const all = [...single, ...combinationProblems(query, { faulty, known, now })];
  if (all.length > 0) throw new InvalidRequestError(all);
  if (typeof format !== 'string') throw format;
  return query;
}

/** The query without its faulty values, so that what the others say together is judged in the same answer. */
function readValues(texts: ParameterTexts<ParameterName>): { asked: AskedParameters; faults: ParameterProblem[] } {
  const { data, error } = usageParameters.safeParse(Object.fromEntries(texts));
  if (data !== undefined) return { asked: data, faults: [] };
  const messages = new Map<string, string>();
  for (const { path, message } of error.issues) messages.set(String(path[0]), message);
  const sound = [...texts].filter(([name]) => !messages.has(name));
  return {
    asked: usageParameters.parse(Object.fromEntries(sound)),
    faults: [...texts].flatMap(([name, text]) => {
      const message = messages.get(name);
      return message === undefined ? [] : [faultOf(name, message, text)];
    }),
  };
}

function faultOf(parameter: ParameterName, message: string, text: string): ParameterProblem {
  const { code = 'InvalidParameter', allowed } = parameterNotes.get(usageParameters.shape[parameter]) ?? {};
  const hint = lostPlus.test(text) ? '; a + in a query means a blank, write it as %2B' : '';
  return { parameter, code, detail: message + hint, ...(allowed && { allowed }) };
}

/** A date-time whose offset came with a bare plus. */
const lostPlus = /^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:?\d\d$/;
