import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { httpFunctions } from '../functions/http-functions.ts';
import { budgetEventSchema } from '../shared/contract/event-schema.ts';
import { describeRoutes } from '../shared/contract/operations.ts';
import { flatListSchema } from '../shared/contract/list-schema.ts';
import { flatRowSchema } from '../shared/contract/flat-row-schema.ts';
import { problemSchema } from '../shared/contract/problem-schema.ts';
import { usageRecordSchema } from '../shared/contract/record-schema.ts';
import { snapshotSchema } from '../shared/contract/snapshot-schema.ts';
import { usageSummarySchema } from '../shared/contract/summary-schema.ts';
import { settingsSchema } from '../shared/config.ts';
import { failureCodes } from '../shared/errors.ts';
import { cures, getAction } from '../shared/explanation.ts';
import { problemTypes } from '../shared/http/problem-types.ts';
import { logEvents } from '../shared/log.ts';
import { createEventParameters } from '../shared/budget-events/query.ts';
import type { EventParameters } from '../shared/budget-events/query.ts';
import { parameterNotes, usageParameters } from '../shared/query/parameters.ts';
import { flatFields } from '../shared/views/flat-fields.ts';
import { entraCodes } from '../shared/partner-center/entra-codes.ts';
import { partnerCenterCodes } from '../shared/partner-center/partner-center-codes.ts';
import type { UpstreamFailure } from '../shared/partner-center/upstream-failure.ts';
import { millionRows, monthRows, priceRows } from './costs.ts';
import { eventMeanings, failureMeanings, skipMeanings, warningMeanings } from './meanings.ts';

type Row = readonly string[];

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
  'skip-reasons': () => table(['`why`', 'Meaning'], namedRows(skipMeanings)),
  failures: failuresTable,
  cures: () => table(['`cure`', 'What to do'], namedRows(cures)),
  'partner-center-codes': () =>
    table(
      ['Status', 'Codes', ...upstreamHead],
      partnerCenterCodes.map(({ status, codes = ['any other'], ...row }) => [
        status,
        codes.join(', '),
        ...upstreamCells(row),
      ]),
    ),
  'entra-codes': () =>
    table(
      ['Codes', ...upstreamHead],
      entraCodes.map(({ codes, ...row }) => [codes.join(', '), ...upstreamCells(row)]),
    ),
  'health-warnings': () => table(['Warning', 'Meaning'], namedRows(warningMeanings)),
  prices: () => table(['Meter', 'Price', 'As of'], priceRows()),
  'cost-per-million': () => table(['A million calls', '512 MB', '2 GB'], millionRows()),
  'cost-per-month': () => table(['A month', '512 MB', '2 GB'], monthRows()),
  example: () => codeBlock('ts', readFileSync(join(import.meta.dirname, 'examples/over-budget.ts'), 'utf8')),
};

/** The page with every section between its markers made anew. Throws on a marker of an unknown section. */
export function withFreshSections(page: string): string {
  return page.replaceAll(/(<!-- generated:([\w-]+) -->\n)[^]*?(<!-- \/generated -->)/g, (_, start, name, end) => {
    const section = sections[name];
    if (section === undefined) throw new Error(`there is no section "${name}"`);
    return `${start}\n${section()}\n\n${end}`;
  });
}

function routesTable(): string {
  const rows = describeRoutes(httpFunctions, []).map(({ route, methods, access, description }) => [
    code(`${methods[0]} /api/${route}`),
    access === 'anybody' ? access : code(access),
    description,
  ]);
  return table(['Route', 'Role with `entra`', 'Answer'], rows);
}

function parametersTable(parameters: typeof usageParameters | EventParameters): string {
  const defaults: Readonly<Record<string, string | undefined>> = z.encode<
    z.ZodType<unknown, Readonly<Record<string, string | undefined>>>
  >(parameters, parameters.parse({}));
  const rows = Object.entries<z.ZodType>(parameters.shape).map(([name, schema]) => {
    const notes = parameterNotes.get(schema);
    const standard = defaults[name];
    return [
      code(name),
      valueOf(expectationOf(name, schema), notes?.allowed),
      standard === undefined ? '' : code(standard),
      notes?.description ?? '',
      code(notes?.code ?? 'InvalidParameter'),
    ];
  });
  return table(['Parameter', 'Value', 'Default', 'Meaning', 'Bad value'], rows);
}

/** What the contract says about each member of an answer. */
function membersTable(schema: z.ZodObject, except: readonly string[] = []): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  const rows = Object.entries(properties)
    .filter(([name]) => !except.includes(name))
    .map(([name, property]) => [code(name), meaningIn({ [name]: Object(property).description }, name)]);
  return table(['Member', 'Meaning'], rows);
}

function problemsTable(): string {
  const rows = Object.entries(problemTypes).map(([name, [status, title, remedy]]) => [
    String(status),
    code(name),
    title,
    remedy,
  ]);
  return table(['Status', '`code`', 'Meaning', 'What to do'], rows);
}

function settingsTable(): string {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const { success, data } = schema.safeParse(undefined);
    const standard = !success ? '**required**' : data === undefined ? 'none' : code(String(data));
    return [code(name), expectationOf(name, schema), standard, schema.description ?? ''];
  });
  return table(['Setting', 'Value', 'Default', 'Purpose'], rows);
}

function eventsTable(): string {
  const rows = Object.entries(logEvents).flatMap(([event, level]) => {
    const meaning = meaningIn(eventMeanings, event);
    return meaning === null ? [] : [[code(event), level, meaning]];
  });
  return table(['Event', 'Level', 'Meaning'], rows);
}

function failuresTable(): string {
  const rows = failureCodes.map((name) => [code(name), failureMeanings[name].cause, failureMeanings[name].cure]);
  return table(['Code', 'Cause', 'Cure'], rows);
}

const upstreamHead = ['Failure code', 'Tried again', 'Cause', '`cure`', 'What to do'];

function upstreamCells({ failure, retry = 'never', cause, cure, action }: UpstreamFailure): Row {
  return [code(failure), retry.replaceAll('-', ' '), cause, code(cure), getAction({ cure, action })];
}

/** What the code itself says it expects. The empty text fits nothing, so the refusal of it tells. */
function expectationOf(name: string, schema: z.ZodType): string {
  const message = schema.safeParse('').error?.issues[0]?.message;
  if (message === undefined) throw new Error(`${name} takes an empty value`);
  return message;
}

/** The expectation of a parameter, with the words to choose from when it does not name them. */
function valueOf(expectation: string, allowed: Row = []): string {
  const unnamed = allowed.filter((word) => !expectation.includes(word)).map(code);
  const value = expectation.replace(/^expected /, '');
  return unnamed.length === 0 ? value : `${value}: ${unnamed.join(', ')}`;
}

function meaningIn<Meaning>(meanings: Readonly<Record<string, Meaning>>, name: string): Meaning {
  const meaning = meanings[name];
  if (meaning === undefined) throw new Error(`${name} is not explained`);
  return meaning;
}

function namedRows(meanings: Readonly<Record<string, string>>): Row[] {
  return Object.entries(meanings).map(([name, meaning]) => [code(name), meaning]);
}

/** A Markdown table as the formatter writes it: every column as wide as its widest cell. */
function table(head: Row, rows: readonly Row[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => lineOf(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return lines.toSpliced(1, 0, lineOf(widths.map((width) => '-'.repeat(width)))).join('\n');
}

function lineOf(cells: Row): string {
  return `| ${cells.join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function codeBlock(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** Rewrites the generated sections of every page below this folder. */
function writePages(): void {
  for (const name of globSync('**/*.md', { cwd: import.meta.dirname })) {
    const path = join(import.meta.dirname, name);
    writeFileSync(path, withFreshSections(readFileSync(path, 'utf8')));
  }
}

if (import.meta.main) writePages();
