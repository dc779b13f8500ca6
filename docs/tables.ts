import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { httpFunctions } from '../functions/http-functions.ts';
import { budgetEventSchema } from '../shared/contract/event-schema.ts';
import { describeRoutes } from '../shared/contract/operations.ts';
import { warningMeanings } from '../shared/contract/health-schema.ts';
import { flatListSchema } from '../shared/contract/list-schema.ts';
import { flatRowSchema } from '../shared/contract/flat-row-schema.ts';
import { problemSchema } from '../shared/contract/problem-schema.ts';
import { usageRecordSchema } from '../shared/contract/record-schema.ts';
import { snapshotSchema } from '../shared/contract/snapshot-schema.ts';
import { usageSummarySchema } from '../shared/contract/summary-schema.ts';
import { settingsSchema } from '../shared/config.ts';
import { failureCodes } from '../shared/errors.ts';
import { cures, failureMeanings, getAction } from '../shared/explanation.ts';
import { skipMeanings } from '../shared/refresh/schedule.ts';
import { problemTypes } from '../shared/http/problem-types.ts';
import { logEventMeanings, logEvents } from '../shared/log.ts';
import { createEventParameters } from '../shared/budget-events/query.ts';
import type { EventParameters } from '../shared/budget-events/query.ts';
import { parameterNotes, usageParameters } from '../shared/query/parameters.ts';
import { flatFields } from '../shared/views/flat-fields.ts';
import { entraCodes } from '../shared/partner-center/entra-codes.ts';
import { partnerCenterCodes } from '../shared/partner-center/partner-center-codes.ts';
import type { UpstreamFailure } from '../shared/partner-center/upstream-failure.ts';
import { formatCode, formatCodeBlock, formatTable } from './markdown.ts';
import type { Row } from './markdown.ts';
import { millionRows, monthRows, priceRows } from './costs.ts';

/** The generated sections of the pages in this folder, by the name that stands in their markers. */
export const sections: Readonly<Record<string, () => string>> = {
  routes: routesTable,
  parameters: () => parametersTable(usageParameters),
  'event-parameters': () =>
    parametersTable(createEventParameters(settingsSchema.shape.USAGE_EVENT_THRESHOLDS.parse(undefined))),
  'list-members': () => membersTable(flatListSchema),
  'snapshot-members': () => membersTable(snapshotSchema),
  'record-members': () => membersTable(usageRecordSchema),
  'flat-row-members': () => membersTable(flatRowSchema),
  'summary-members': () => membersTable(usageSummarySchema),
  'total-members': () => membersTable(usageSummarySchema.shape.value.element, ['currencyCode']),
  'usd-members': () => membersTable(usageSummarySchema.shape.usd),
  'event-members': () => membersTable(budgetEventSchema, flatFields),
  'problem-members': () => membersTable(problemSchema),
  problems: problemsTable,
  settings: settingsTable,
  'log-events': eventsTable,
  'skip-reasons': () => formatTable(['`why`', 'Meaning'], namedRows(skipMeanings)),
  failures: failuresTable,
  cures: () => formatTable(['`cure`', 'What to do'], namedRows(cures)),
  'partner-center-codes': () =>
    formatTable(
      ['Status', 'Codes', ...upstreamHead],
      partnerCenterCodes.map(({ status, codes = ['any other'], ...row }) => [
        status,
        codes.join(', '),
        ...upstreamCells(row),
      ]),
    ),
  'entra-codes': () =>
    formatTable(
      ['Codes', ...upstreamHead],
      entraCodes.map(({ codes, ...row }) => [codes.join(', '), ...upstreamCells(row)]),
    ),
  'health-warnings': () => formatTable(['Warning', 'Meaning'], namedRows(warningMeanings)),
  prices: () => formatTable(['Meter', 'Price', 'As of'], priceRows()),
  'cost-per-million': () => formatTable(['A million calls', '512 MB', '2 GB'], millionRows()),
  'cost-per-month': () => formatTable(['A month', '512 MB', '2 GB'], monthRows()),
  example: () => formatCodeBlock('ts', readFileSync(join(import.meta.dirname, 'examples/over-budget.ts'), 'utf8')),
};

/** The page with every section between its markers made anew. Throws on a marker of an unknown section. */
export function regenerateSections(page: string): string {
  return page.replaceAll(/(<!-- generated:([\w-]+) -->\n)[^]*?(<!-- \/generated -->)/g, (_, start, name, end) => {
    const section = sections[name];
    if (section === undefined) throw new Error(`there is no section "${name}"`);
    return `${start}\n${section()}\n\n${end}`;
  });
}

function routesTable(): string {
  const rows = describeRoutes(httpFunctions, []).map(({ route, methods, access, description }) => [
    formatCode(`${methods[0]} /api/${route}`),
    access === 'anybody' ? access : formatCode(access),
    description,
  ]);
  return formatTable(['Route', 'Role with `entra`', 'Answer'], rows);
}

function parametersTable(parameters: typeof usageParameters | EventParameters): string {
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

/** What the contract says about each member of an answer. */
function membersTable(schema: z.ZodObject, except: readonly string[] = []): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  const rows = Object.entries(properties)
    .filter(([name]) => !except.includes(name))
    .map(([name, property]) => [formatCode(name), readDescription(name, property)]);
  return formatTable(['Member', 'Meaning'], rows);
}

function problemsTable(): string {
  const rows = Object.entries(problemTypes).map(([name, [status, title, remedy]]) => [
    String(status),
    formatCode(name),
    title,
    remedy,
  ]);
  return formatTable(['Status', '`code`', 'Meaning', 'What to do'], rows);
}

function settingsTable(): string {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const { success, data } = schema.safeParse(undefined);
    const standard = !success ? '**required**' : data === undefined ? 'none' : formatCode(String(data));
    return [formatCode(name), readExpectation(name, schema), standard, schema.description ?? ''];
  });
  return formatTable(['Setting', 'Value', 'Default', 'Purpose'], rows);
}

function eventsTable(): string {
  const levels: Readonly<Record<string, string>> = logEvents;
  const rows = Object.entries(logEventMeanings).map(([event, meaning]) => [
    formatCode(event),
    levels[event] ?? '',
    meaning,
  ]);
  return formatTable(['Event', 'Level', 'Meaning'], rows);
}

function failuresTable(): string {
  const rows = failureCodes.map((name) => [formatCode(name), failureMeanings[name].cause, failureMeanings[name].cure]);
  return formatTable(['Code', 'Cause', 'Cure'], rows);
}

const upstreamHead = ['Failure code', 'Tried again', 'Cause', '`cure`', 'What to do'];

function upstreamCells({ failure, retry = 'never', cause, cure, action }: UpstreamFailure): Row {
  return [formatCode(failure), retry.replaceAll('-', ' '), cause, formatCode(cure), getAction({ cure, action })];
}

/** What the code itself says it expects. The empty text fits nothing, so the refusal of it tells. */
function readExpectation(name: string, schema: z.ZodType): string {
  const message = schema.safeParse('').error?.issues[0]?.message;
  if (message === undefined) throw new Error(`${name} takes an empty value`);
  return message;
}

/** The expectation of a parameter, with the words to choose from when it does not name them. */
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

function namedRows(meanings: Readonly<Record<string, string>>): Row[] {
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
