import type { z } from 'zod';
import { RefusedError } from '../errors.ts';
import type { ParameterProblem } from '../errors.ts';
import { combinationProblems } from '../query/usage-query.ts';
import { apiVersions, mediaTypes, parameterNotes, usageParameters } from '../query/parameters.ts';
import type { Format } from '../query/parameters.ts';
import { formatParameters, readParameters } from '../query/read-parameters.ts';
import { filterNames } from '../query/select.ts';
import { day } from '../query/values.ts';
import { formatDay, listDays } from '../days.ts';
import type { PointRange } from './points.ts';

/** The most days of one answer. */
const maximumDays = 400;

/** The parameters of `GET /api/usagehistory`: those of the list that choose rows, and the days. */
export const historyParameters = usageParameters
  .omit({
    view: true,
    select: true,
    asOf: true,
    period: true,
    orderby: true,
    skip: true,
    top: true,
    maxpagesize: true,
    cursor: true,
  })
  .extend({
    from: day().optional().register(parameterNotes, {
      description:
        'First UTC day. By default the first of the month of `to`. Filters apply to the current list, not to these days.',
    }),
    to: day()
      .optional()
      .register(parameterNotes, {
        description: `Last UTC day, at most ${maximumDays} days with \`from\`. By default today. Filters apply to the current list, not to these days.`,
      }),
  });

type AskedHistory = z.output<typeof historyParameters>;
export type HistoryQuery = AskedHistory & { readonly format: Format };

const parameterNames = historyParameters.keyof().options;

type ParseOptions = { readonly now: number; readonly acceptedFormats: readonly Format[] };

/** The query in `params`. Throws RefusedError `InvalidRequest` with every problem, or `NotAcceptable` when there is none. */
export function parseHistoryQuery(params: URLSearchParams, { now, acceptedFormats }: ParseOptions): HistoryQuery {
  const { values, problems: parameterProblems } = readParameters(historyParameters, params, parameterNames);
  const format = values.format ?? acceptedFormats[0];
  const faulty = new Set(parameterProblems.map(({ parameter }) => parameter));
  const asUsageQuery = { ...values, view: 'flat', format: format ?? 'json', skip: 0 } as const;
  const problems = [
    ...parameterProblems,
    ...combinationProblems(asUsageQuery, { faulty, known: ['view', 'format', 'csvSeparator', ...filterNames], now }),
    ...rangeProblems(values, faulty, now),
  ];
  if (problems.length > 0) throw new RefusedError({ kind: 'InvalidRequest', problems });
  if (format !== undefined) return { ...values, format };
  throw new RefusedError({ kind: 'NotAcceptable', header: 'Accept', available: Object.values(mediaTypes) });
}

function rangeProblems(query: AskedHistory, faulty: ReadonlySet<string>, now: number): ParameterProblem[] {
  const today = formatDay(now);
  const future = (['from', 'to'] as const)
    .filter((parameter) => (query[parameter] ?? '') > today)
    .map((parameter) => ({ parameter, code: 'InvalidParameter', detail: 'lies in the future' }) as const);
  const { from, to } = fillRange(query, now);
  if (faulty.has('from') || faulty.has('to') || future.length > 0) return future;
  if (from > to) return [{ parameter: 'from', code: 'InvalidRange', detail: 'is after to' }];
  const days = listDays(from, to).length;
  if (days <= maximumDays) return [];
  const detail = `\`from\` and \`to\` span ${days} days; expected at most ${maximumDays}`;
  return [{ parameter: 'from', code: 'InvalidRange', detail }];
}

/**
 * The requested days, with defaults. Throws RefusedError `InvalidRequest` when they have become too many since the query was parsed: without
 * `to`, they end today.
 */
export function resolveRange(query: AskedHistory, now: number): PointRange {
  const problems = rangeProblems(query, new Set(), now);
  if (problems.length > 0) throw new RefusedError({ kind: 'InvalidRequest', problems });
  return fillRange(query, now);
}

function fillRange({ from, to }: AskedHistory, now: number): PointRange {
  const last = to ?? formatDay(now);
  return { from: from ?? `${last.slice(0, 7)}-01`, to: last };
}

/** The query as text, with the days that it means now. */
export function formatHistoryQuery(query: HistoryQuery, range: PointRange): string {
  return formatParameters(historyParameters, { ...query, ...range }, { 'api-version': apiVersions[0] });
}
