import type { ParameterProblem } from '../errors.ts';
import { isCursorOf } from './cursor.ts';
import { canonicalQuery } from './query.ts';
import type { ParameterName, UsageQuery } from './query.ts';

const ranges = [
  ['minPercentUsed', 'maxPercentUsed'],
  ['minTotalCost', 'maxTotalCost'],
  ['minUsdTotalCost', 'maxUsdTotalCost'],
] as const satisfies readonly (readonly [ParameterName, ParameterName])[];

/**
 * What is wrong with parameters that are right one by one. `faulty` names those that have a problem already and are missing in
 * `query`: nothing is said that follows from their absence alone.
 */
export function combinationProblems(query: UsageQuery, faulty: ReadonlySet<string>, now: number): ParameterProblem[] {
  return [
    ...ranges.flatMap(([low, high]) => rangeProblems(query, low, high)),
    ...(faulty.has('currencyCode') ? [] : currencyProblems(query)),
    ...futureProblems(query, now),
    ...(faulty.size > 0 ? [] : cursorProblems(query)),
  ];
}

/** Whether the rows asked for have their costs in one currency, so that costs can be compared. */
function hasOneCurrency({ currencyCode }: UsageQuery): boolean {
  return currencyCode?.length === 1 && currencyCode[0] !== 'none';
}

type RangeEnd = (typeof ranges)[number][number];

function rangeProblems(query: UsageQuery, low: RangeEnd, high: RangeEnd): ParameterProblem[] {
  const [minimum, maximum] = [query[low], query[high]];
  if (minimum === undefined || maximum === undefined || minimum <= maximum) return [];
  return [{ parameter: low, code: 'InvalidRange', detail: `is greater than ${high}` }];
}

function currencyProblems(query: UsageQuery): ParameterProblem[] {
  if (hasOneCurrency(query)) return [];
  const limits = (['minTotalCost', 'maxTotalCost'] as const).filter((name) => query[name] !== undefined);
  const isOrdered = query.orderby?.some(({ field }) => field === 'totalCost') ?? false;
  return [...limits, ...(isOrdered ? (['orderby'] as const) : [])].map((parameter) => ({
    parameter,
    code: 'CurrencyRequired',
    detail: 'compares totalCost, which needs currencyCode with exactly one ISO 4217 code',
  }));
}

function futureProblems({ modifiedSince }: UsageQuery, now: number): ParameterProblem[] {
  if (modifiedSince === undefined || modifiedSince <= now) return [];
  return [{ parameter: 'modifiedSince', code: 'InvalidParameter', detail: 'lies in the future' }];
}

function cursorProblems(query: UsageQuery): ParameterProblem[] {
  const { cursor } = query;
  if (cursor === undefined || isCursorOf(cursor, canonicalQuery(query))) return [];
  const detail = 'is damaged, or the other parameters are not those of the nextLink it came in';
  return [{ parameter: 'cursor', code: 'InvalidCursor', detail }];
}
