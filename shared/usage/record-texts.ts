import { textAt } from './columns.ts';
import type { UsageSnapshot } from './snapshot.ts';

/** What a record says, letter by letter. A figure is its digits as Partner Center wrote them; `''` stands for null, missing or what is no figure. */
export type RecordTexts = {
  readonly budgetAmount: string;
  readonly percentUsed: string;
  readonly totalCost: string;
  readonly usdTotalCost: string;
  readonly currencyLocale: string;
  readonly lastModifiedDate: string;
};

/**
 * The texts of one row, cut from its own bytes: a double would lose digits. Of a member that stands twice the last counts, as it
 * does for JSON.parse. The line is known to be a record: it passed JSON.parse on its way into the snapshot.
 */
export function recordTextsOf({ lines, offsets }: Pick<UsageSnapshot, 'lines' | 'offsets'>, row: number): RecordTexts {
  // One character a byte: text is faster to search than bytes, and what JSON's grammar knows is never part of a longer character.
  const line = lines.toString('latin1', offsets[row], offsets[row + 1]);
  const values = membersOf(line, line.indexOf('{'), recordMembers);
  const budget = textAt(values, budgetAt);
  return {
    budgetAmount: budget.startsWith('{') ? digitsOf(textAt(membersOf(budget, 0, budgetMembers), 0)) : '',
    percentUsed: digitsOf(textAt(values, percentUsedAt)),
    totalCost: digitsOf(textAt(values, totalCostAt)),
    usdTotalCost: digitsOf(textAt(values, usdTotalCostAt)),
    currencyLocale: textOf(textAt(values, currencyLocaleAt)),
    lastModifiedDate: textOf(textAt(values, lastModifiedDateAt)),
  };
}

type Members = { readonly names: readonly string[]; readonly byLength: readonly (number | undefined)[] };

const recordMembers = membersNamed(
  'budget',
  'percentUsed',
  'totalCost',
  'currencyLocale',
  'usdTotalCost',
  'lastModifiedDate',
);
const [budgetAt, percentUsedAt, totalCostAt, currencyLocaleAt, usdTotalCostAt, lastModifiedDateAt] = [
  0, 1, 2, 3, 4, 5,
] as const;
const budgetMembers = membersNamed('amount');

/** Names of different lengths, so that a key need be compared with one of them only. */
function membersNamed(...names: string[]): Members {
  const byLength: (number | undefined)[] = [];
  for (const [position, { length }] of names.entries()) byLength[length] = position;
  return { names, byLength };
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const closeBrace = 0x7d;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;

/** The JSON texts of the members wanted, in the order of their names, of the object that opens at `at`. */
function membersOf(line: string, at: number, members: Members): string[] {
  const values: string[] = members.names.map(() => '');
  let next = skipBlanks(line, at + 1);
  while (line.charCodeAt(next) === quote) {
    const keyEnd = endOfString(line, next);
    const position = positionOf(line, next + 1, keyEnd - 1, members);
    const start = skipBlanks(line, skipBlanks(line, keyEnd) + 1);
    const end = endOfValue(line, start);
    if (position !== undefined) values[position] = line.slice(start, end);
    next = skipBlanks(line, end);
    if (line.charCodeAt(next) === comma) next = skipBlanks(line, next + 1);
  }
  return values;
}

/** Which of the names stands between these places. */
function positionOf(line: string, start: number, end: number, { names, byLength }: Members): number | undefined {
  const position = byLength[end - start];
  if (position !== undefined && line.startsWith(textAt(names, position), start)) return position;
  const key = line.slice(start, end);
  if (!key.includes('\\')) return undefined;
  const named = names.indexOf(textOf(`"${key}"`));
  return named < 0 ? undefined : named;
}

/** The place behind the value that starts at `at`. */
function endOfValue(line: string, at: number): number {
  const first = line.charCodeAt(at);
  if (first === quote) return endOfString(line, at);
  let next = at;
  if (!isOpening(first)) {
    while (!endsScalar(line.charCodeAt(next))) next += 1;
    return next;
  }
  for (let depth = 0; ;) {
    const unit = line.charCodeAt(next);
    next = unit === quote ? endOfString(line, next) : next + 1;
    if (isOpening(unit)) depth += 1;
    else if (isClosing(unit)) depth -= 1;
    if (depth === 0) return next;
  }
}

/** Whether `unit` can stand behind a number, `true`, `false` or `null`. */
function endsScalar(unit: number): boolean {
  return unit === comma || unit <= 0x20 || isClosing(unit);
}

/** `{` and `[` differ in one bit, and so do their counterparts. */
function isOpening(unit: number): boolean {
  return (unit | 0x20) === 0x7b;
}

function isClosing(unit: number): boolean {
  return (unit | 0x20) === closeBrace;
}

/** The place behind the string that opens at `at`. */
function endOfString(line: string, at: number): number {
  let end = line.indexOf('"', at + 1);
  while (isEscaped(line, end)) end = line.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(line: string, at: number): boolean {
  let before = at - 1;
  while (line.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}

function skipBlanks(line: string, at: number): number {
  let next = at;
  while (line.charCodeAt(next) <= 0x20) next += 1;
  return next;
}

const plainText = /^"[ -[\]-~]*"$/;

/** What a JSON string says, given as bytes; `''` for anything else. */
function textOf(json: string): string {
  if (plainText.test(json)) return json.slice(1, -1);
  if (!json.startsWith('"')) return '';
  return String(JSON.parse(Buffer.from(json, 'latin1').toString()));
}

/** A JSON number as it is; `''` for anything else. */
function digitsOf(json: string): string {
  const first = json.charCodeAt(0);
  return first === minus || (first >= zero && first <= nine) ? json : '';
}
