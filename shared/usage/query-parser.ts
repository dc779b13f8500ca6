import { InvalidRequestError } from '../errors.ts';
import type { ParameterProblem } from '../errors.ts';
import { readTexts } from './parameter-texts.ts';
import type { ParameterTexts } from './parameter-texts.ts';
import { combinationProblems } from './query-combinations.ts';
import { parameterNotes, usageParameters } from './query.ts';
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
  const { query, faults } = readValues(texts);
  const single = [...problems, ...faults];
  const faulty = new Set(single.map(({ parameter }) => parameter));
  const all = [...single, ...combinationProblems(query, faulty, now)];
  if (all.length > 0) throw new InvalidRequestError(all);
  return query;
}

/** The query without its faulty values, so that what the others say together is judged in the same answer. */
function readValues(texts: ParameterTexts<ParameterName>): { query: UsageQuery; faults: ParameterProblem[] } {
  const { data, error } = usageParameters.safeParse(Object.fromEntries(texts));
  if (data !== undefined) return { query: data, faults: [] };
  const messages = new Map<string, string>();
  for (const { path, message } of error.issues) messages.set(String(path[0]), message);
  const sound = [...texts].filter(([name]) => !messages.has(name));
  return {
    query: usageParameters.parse(Object.fromEntries(sound)),
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
