import * as z from 'zod';
import { RefusedError } from '../errors.ts';
import type { ParameterProblem } from '../errors.ts';
import { isCursorForQuery } from './cursor.ts';
import type { OrderField } from './orderby.ts';
import { mediaTypes, usageParameters } from './parameters.ts';
import type { AskedParameters, Format, ParameterName, UsageQuery } from './parameters.ts';
import { formatParameters, readParameters } from './read-parameters.ts';

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

const formatDefaults = {
  json: { view: 'full', maxpagesize: 1_000 },
  csv: { view: 'flat', csvSeparator: 'comma' },
} as const satisfies Record<Format, Partial<AskedParameters>>;

/** The query that asks for this in `format`. */
function withFormatDefaults(asked: AskedParameters, format: Format): UsageQuery {
  const { view = formatDefaults[format].view } = asked;
  return { ...formatDefaults[format], ...asked, view, format };
}

const ranges = [
  ['minPercentUsed', 'maxPercentUsed'],
  ['minTotalCost', 'maxTotalCost'],
  ['minUsdTotalCost', 'maxUsdTotalCost'],
] as const satisfies readonly (readonly [ParameterName, ParameterName])[];

export type Circumstances = {
  /** Parameters that have a problem already and are missing in the query: nothing is said that follows from their absence alone. */
  readonly faulty: ReadonlySet<string>;
  /** The parameters of the route. */
  readonly known: readonly ParameterName[];
  /** Epoch milliseconds. */
  readonly now: number;
};

/** What is wrong with parameters that are right one by one. */
export function combinationProblems(query: UsageQuery, { faulty, known, now }: Circumstances): ParameterProblem[] {
  const isShapeKnown = known.includes('view') && !faulty.has('view') && !faulty.has('format');
  return [
    ...(isShapeKnown ? shapeProblems(query) : []),
    ...ranges.flatMap(([low, high]) => rangeProblems(query, low, high)),
    ...(faulty.has('currencyCode') ? [] : currencyProblems(query)),
    ...futureProblems(query, now),
    ...historyProblems(query, now),
    ...(faulty.size > 0 ? [] : cursorProblems(query)),
  ];
}

/** Fields in the currency of the row's customer. */
const amountFields: ReadonlySet<OrderField> = new Set<OrderField>(['totalCost', 'projectedMonthEndCost']);

/** Whether the rows asked for have their costs in one currency, so that costs can be compared. */
function hasOneCurrency({ currencyCode }: UsageQuery): boolean {
  return currencyCode?.length === 1 && currencyCode[0] !== 'none';
}

/** What does not go with the view and format that the answer will have. */
function shapeProblems(query: UsageQuery): ParameterProblem[] {
  const { view, format, select, csvSeparator, projectedOverBudget } = query;
  const problems: ParameterProblem[] = [];
  if (view === 'full' && format === 'csv') {
    problems.push({
      parameter: 'view',
      code: 'InvalidParameter',
      detail: 'cannot be full in CSV, whose rows are flat',
    });
  }
  if (format !== 'csv' && csvSeparator !== undefined) {
    problems.push({ parameter: 'csvSeparator', code: 'InvalidParameter', detail: 'needs format=csv' });
  }
  if (view === 'flat' || format === 'csv') return problems;
  const detail = 'needs view=flat or format=csv';
  if (select !== undefined) problems.push({ parameter: 'select', code: 'InvalidSelect', detail });
  if (projectedOverBudget !== undefined) {
    problems.push({ parameter: 'projectedOverBudget', code: 'InvalidParameter', detail });
  }
  return problems;
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
  const isOrdered = query.orderby?.some(({ field }) => amountFields.has(field)) ?? false;
  return [...limits, ...(isOrdered ? (['orderby'] as const) : [])].map((parameter) => ({
    parameter,
    code: 'CurrencyRequired',
    detail:
      'compares amounts in the currency of each customer, which needs currencyCode with exactly one ISO 4217 code',
  }));
}

function futureProblems({ modifiedSince }: UsageQuery, now: number): ParameterProblem[] {
  if (modifiedSince === undefined || modifiedSince <= now) return [];
  return [{ parameter: 'modifiedSince', code: 'InvalidParameter', detail: 'lies in the future' }];
}

/** Days and months are UTC, so the text of a later one is greater. */
function historyProblems({ asOf, period }: UsageQuery, now: number): ParameterProblem[] {
  if (asOf !== undefined && period !== undefined) {
    return [
      { parameter: 'asOf', code: 'InvalidParameter', detail: 'cannot be combined with period' },
      { parameter: 'period', code: 'InvalidParameter', detail: 'cannot be combined with asOf' },
    ];
  }
  const today = new Date(now).toISOString();
  return Object.entries({ asOf, period }).flatMap(([parameter, asked = '']): ParameterProblem[] =>
    asked > today.slice(0, asked.length) ? [{ parameter, code: 'InvalidParameter', detail: 'lies in the future' }] : [],
  );
}

function cursorProblems(query: UsageQuery): ParameterProblem[] {
  const { cursor } = query;
  if (cursor === undefined || isCursorForQuery(cursor, formatQueryWithoutCursor(query))) return [];
  const detail = 'is damaged, or the other parameters are not those of the nextLink it came in';
  return [{ parameter: 'cursor', code: 'InvalidCursor', detail }];
}

/** The canonical query string without the cursor: what a cursor belongs to. */
export function formatQueryWithoutCursor(query: UsageQuery): string {
  return formatQuery({ ...query, cursor: undefined });
}

const noParameters = usageParameters.parse({});
const defaultTexts = {
  json: z.encode(usageParameters, withFormatDefaults(noParameters, 'json')),
  // Keep `format=csv`, so that a link works without an `Accept` header.
  csv: z.encode(usageParameters, { ...withFormatDefaults(noParameters, 'csv'), format: undefined }),
};

/** The canonical query string: in the order of the table, without defaults. Part of the ETag and used in links. */
export function formatQuery(query: UsageQuery): string {
  return formatParameters(usageParameters, query, defaultTexts[query.format]);
}
