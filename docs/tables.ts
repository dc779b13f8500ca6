import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { httpFunctions } from '../functions/http-functions.ts';
import { budgetEventSchema, flatListSchema, problemSchema } from '../shared/contract/schemas.ts';
import { describeRoutes } from '../shared/contract/operations.ts';
import { healthSchema, warningMeanings } from '../shared/contract/health-schema.ts';
import { flatRowSchema } from '../shared/contract/flat-row-schema.ts';
import { usageHistorySchema } from '../shared/contract/history-schema.ts';
import { usageRecordSchema } from '../shared/contract/record-schema.ts';
import { snapshotSchema } from '../shared/contract/snapshot-schema.ts';
import { usageSummarySchema } from '../shared/contract/summary-schema.ts';
import { settingsSchema } from '../shared/settings.ts';
import { failureCodes } from '../shared/errors.ts';
import { cures, failureMeanings, getAction } from '../shared/failure-explanations.ts';
import { skipMeanings } from '../shared/refresh/schedule.ts';
import { problemTexts } from '../shared/http/problem-texts.ts';
import { logEventMeanings, logEvents } from '../shared/log.ts';
import { historyParameters } from '../shared/history/query.ts';
import { createEventParameters } from '../shared/budget-events/query.ts';
import type { EventParameters } from '../shared/budget-events/query.ts';
import { parameterNotes, usageParameters } from '../shared/query/parameters.ts';
import { flatFields } from '../shared/views/flat-fields.ts';
import { entraCodes } from '../shared/partner-center/entra-codes.ts';
import { partnerCenterCodes } from '../shared/partner-center/partner-center-codes.ts';
import type { UpstreamFailure } from '../shared/partner-center/upstream-failure.ts';
import { formatCode, formatCodeBlock, formatTable } from './markdown.ts';
import type { Row } from './markdown.ts';
import { listScale } from './scale.ts';
import { listCostsPerMillion, listCostsPerMonth, listPrices } from './costs.ts';

/** The generated sections of the pages in this folder, by the name that stands in their markers. */
export const sections: Readonly<Record<string, () => string>> = {
  routes: formatRoutes,
  parameters: () => formatParameters(usageParameters),
  'history-parameters': () => formatParameters(historyParameters),
  'event-parameters': () =>
    formatParameters(createEventParameters(settingsSchema.shape.USAGE_EVENT_THRESHOLDS.parse(undefined))),
  'list-members': () => formatMembers(flatListSchema),
  'snapshot-members': () => formatMembers(snapshotSchema),
  'record-members': () => formatMembers(usageRecordSchema),
  'flat-row-members': () => formatMembers(flatRowSchema),
  'history-members': () => formatMembers(usageHistorySchema),
  'point-members': () => formatMembers(usageHistorySchema.shape.value.element),
  'summary-members': () => formatMembers(usageSummarySchema),
  'total-members': () => formatMembers(usageSummarySchema.shape.value.element, ['currencyCode']),
  'usd-members': () => formatMembers(usageSummarySchema.shape.usd),
  'event-members': () => formatMembers(budgetEventSchema, flatFields),
  'health-members': () => formatNestedMembers(healthSchema),
  'problem-members': () => formatMembers(problemSchema),
  problems: formatProblems,
  settings: formatSettings,
  'log-events': formatLogEvents,
  'skip-reasons': () => formatTable(['`why`', 'Meaning'], toNamedRows(skipMeanings)),
  failures: formatFailures,
  cures: () => formatTable(['`cure`', 'What to do'], toNamedRows(cures)),
  'partner-center-codes': () =>
    formatTable(
      ['Status', 'Codes', ...upstreamHead],
      partnerCenterCodes
        .toSorted((one, other) => (one.status < other.status ? -1 : Number(one.status > other.status)))
        .map(({ status, codes = ['any other'], ...row }) => [status, codes.join(', '), ...toUpstreamCells(row)]),
    ),
  'entra-codes': () =>
    formatTable(
      ['Codes', ...upstreamHead],
      entraCodes.map(({ codes, ...row }) => [codes.join(', '), ...toUpstreamCells(row)]),
    ),
  'health-warnings': () => formatTable(['Warning', 'Meaning'], toNamedRows(warningMeanings)),
  prices: () => formatTable(['Meter', 'Price', 'As of'], listPrices()),
  'cost-per-million': () => formatTable(['A million calls', '512 MB', '2 GB'], listCostsPerMillion()),
  'cost-per-month': () => formatTable(['A month', '512 MB', '2 GB'], listCostsPerMonth()),
  scale: () => formatTable(['Instance', 'Records', 'CPU of a refresh', 'What breaks first beyond them'], listScale()),
  example: () => formatCodeBlock('ts', readFileSync(join(import.meta.dirname, 'examples/over-budget.ts'), 'utf8')),
};

/** The page with its generated sections up to date. Throws if a marker names an unknown section. */
export function regenerateSections(page: string): string {
  return page.replaceAll(/(<!-- generated:([\w-]+) -->\n)[^]*?(<!-- \/generated -->)/g, (_, start, name, end) => {
    const section = sections[name];
    if (section === undefined) throw new Error(`there is no section "${name}"`);
    return `${start}\n${section()}\n\n${end}`;
  });
}

function formatRoutes(): string {
  const rows = describeRoutes(httpFunctions, []).map(({ route, methods, access, description }) => [
    formatCode(`${methods[0]} /api/${route}`),
    access === 'anybody' ? access : formatCode(access),
    description,
  ]);
  return formatTable(['Route', 'Role with `entra`', 'Answer'], rows);
}

function formatParameters(parameters: typeof usageParameters | typeof historyParameters | EventParameters): string {
  const defaults: Readonly<Record<string, string | undefined>> = z.encode<
    z.ZodType<unknown, Readonly<Record<string, string | undefined>>>
  >(parameters, parameters.parse({}));
  const rows = Object.entries<z.ZodType>(parameters.shape).map(([name, schema]) => {
    const notes = parameterNotes.get(schema);
    const standard = defaults[name];
    return [
      formatCode(name),
      describeValue(readExpectation(name, schema), notes?.allowed),
      standard === undefined ? '' : formatCode(standard),
      notes?.description ?? '',
      formatCode(notes?.code ?? 'InvalidParameter'),
    ];
  });
  return formatTable(['Parameter', 'Value', 'Default', 'Meaning', 'Bad value'], rows);
}

/** The description of each member of an answer. */
function formatMembers(schema: z.ZodObject, except: readonly string[] = []): string {
  const rows = listMembers(z.toJSONSchema(schema, { io: 'input' })).filter(([name]) => !except.includes(name));
  return formatTable(
    ['Member', 'Meaning'],
    rows.map(([name, property]) => [formatCode(name), readDescription(name, property)]),
  );
}

/** The same with the members of members, such as `lastFailure.code`. */
function formatNestedMembers(schema: z.ZodObject): string {
  const rows = listMembers(z.toJSONSchema(schema, { io: 'input' })).flatMap(([name, property]) => [
    [formatCode(name), readDescription(name, property)],
    ...listMembers(Object(property).anyOf?.[0]).map(([inner, value]) => [
      formatCode(`${name}.${inner}`),
      readDescription(inner, value),
    ]),
  ]);
  return formatTable(['Member', 'Meaning'], rows);
}

function listMembers(schema: unknown): [string, unknown][] {
  return Object.entries<unknown>(Object(schema).properties ?? {});
}

function formatProblems(): string {
  const rows = Object.entries(problemTexts).map(([name, [status, title, remedy]]) => [
    String(status),
    formatCode(name),
    title,
    remedy,
  ]);
  return formatTable(['Status', '`code`', 'Meaning', 'What to do'], rows);
}

function formatSettings(): string {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const { success, data } = schema.safeParse(undefined);
    const standard = !success ? '**required**' : data === undefined ? 'none' : formatCode(String(data));
    return [formatCode(name), readExpectation(name, schema), standard, schema.description ?? ''];
  });
  return formatTable(['Setting', 'Value', 'Default', 'Purpose'], rows);
}

function formatLogEvents(): string {
  const levels: Readonly<Record<string, string>> = logEvents;
  const rows = Object.entries(logEventMeanings).map(([event, meaning]) => [
    formatCode(event),
    levels[event] ?? '',
    meaning,
  ]);
  return formatTable(['Event', 'Level', 'Meaning'], rows);
}

function formatFailures(): string {
  const rows = failureCodes.map((name) => [formatCode(name), failureMeanings[name].cause, failureMeanings[name].cure]);
  return formatTable(['Code', 'Cause', 'Cure'], rows);
}

const upstreamHead = ['Failure code', 'Tried again', 'Cause', '`cure`', 'What to do'];

function toUpstreamCells({ failure, retry = 'never', cause, cure, action }: UpstreamFailure): Row {
  return [formatCode(failure), retry.replaceAll('-', ' '), cause, formatCode(cure), getAction({ cure, action })];
}

/** The expectation as error messages state it. Every schema refuses an empty value. */
function readExpectation(name: string, schema: z.ZodType): string {
  const message = schema.safeParse('').error?.issues[0]?.message;
  if (message === undefined) throw new Error(`${name} takes an empty value`);
  return message;
}

/** The expected value of a parameter, with the allowed values that it does not name itself. */
function describeValue(expectation: string, allowed: Row = []): string {
  const unnamed = allowed.filter((word) => !expectation.includes(word)).map(formatCode);
  const value = expectation.replace(/^expected /, '');
  return unnamed.length === 0 ? value : `${value}: ${unnamed.join(', ')}`;
}

function readDescription(name: string, schema: unknown): string {
  const { description } = Object(schema);
  if (typeof description !== 'string') throw new Error(`${name} is not explained`);
  return description;
}

function toNamedRows(meanings: Readonly<Record<string, string>>): Row[] {
  return Object.entries(meanings).map(([name, meaning]) => [formatCode(name), meaning]);
}

/** Rewrites the generated sections of every page below this folder. */
function writePages(): void {
  for (const name of globSync('**/*.md', { cwd: import.meta.dirname })) {
    const path = join(import.meta.dirname, name);
    writeFileSync(path, regenerateSections(readFileSync(path, 'utf8')));
  }
}

if (import.meta.main) writePages();
