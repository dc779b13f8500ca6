import * as z from 'zod';
import { UnreadableBlobError } from '../errors.ts';
import { parseJson } from '../parse-json.ts';
import type { DayFigures, HistoryRow } from './day-figures.ts';

/*
 * The lines of a month's history, one JSON value each. A block begins with its rows; then comes each day, followed by a line for each
 * row that the day's list had: the row's number in the block, totalCost, percentUsed, budgetAmount, currencyCode, and where it is
 * not the day's period, the row's own.
 *
 *   {"rows":[["0b1c2d3e-…",true],["0b1c2d3e-…",false]]}
 *   {"date":"2026-11-19","period":"2026-11"}
 *   [0,120.5682999999995904716,602.84,20,"SEK"]
 *   [1,3.5,0,null,"SEK","2026-10"]
 */

/** A day of a list: its UTC date, and the period of the list. */
export type ListedDay = { readonly date: string; readonly period: string };

const rowList = z.object({ rows: z.array(z.tuple([z.string(), z.boolean().nullable()])) });
const currencyText = z.string();
const listedDay = z.object({ date: z.iso.date(), period: z.string().regex(/^\d{4}-\d\d$/) });

/** The line of a block's rows. */
export function formatRowList(rows: readonly HistoryRow[]): string {
  return `${JSON.stringify({ rows: rows.map(({ customerId, isUpgraded }) => [customerId, isUpgraded]) })}\n`;
}

/** The rows of a block by number. Throws UnreadableBlobError when the line is damaged. */
export function parseRowList(line: string): HistoryRow[] {
  const parsed = parseJson(line, rowList);
  if (parsed === undefined) throw createDamagedLineError();
  return parsed.rows.map(([customerId, isUpgraded]) => ({ customerId, isUpgraded }));
}

/** The line that begins a day. */
export function formatDayLine({ date, period }: ListedDay): string {
  return `${JSON.stringify({ date, period })}\n`;
}

/** The line of a row on a day. */
export function formatFigureLine(number: number, figures: DayFigures, day: ListedDay): string {
  const { totalCost, percentUsed, budgetAmount, currencyCode, period } = figures;
  const currency = currencyCode === '' ? 'null' : JSON.stringify(currencyCode);
  const own = period === day.period ? '' : `,"${period}"`;
  return `[${number},${totalCost || 'null'},${percentUsed || 'null'},${budgetAmount || 'null'},${currency}${own}]\n`;
}

/** One row on one day. */
export type RowDay = { readonly row: HistoryRow; readonly date: string; readonly figures: DayFigures };

/** A block of a month whose rows are known. Its methods throw UnreadableBlobError when a line is damaged. */
export type OpenBlock = {
  /** The rows on the last day, when that is `date`. */
  readonly readLastDay: (date: string) => Iterable<RowDay>;
  /** The days of those rows that are wanted, day by day. */
  readonly readDays: (isWanted: (row: HistoryRow) => boolean) => Iterable<RowDay>;
};

/** Opens the text of a block. Throws UnreadableBlobError when the line of its rows is damaged. */
export function openBlock(text: string): OpenBlock {
  const firstDay = text.indexOf('\n') + 1;
  const rows = parseRowList(text.slice(0, firstDay));
  return {
    readLastDay(date) {
      const start = text.lastIndexOf('\n{') + 1;
      // A block without a day is the line of its rows alone.
      const isListed = start > 0 && parseDayLine(text.slice(start, text.indexOf('\n', start))).date === date;
      return isListed ? readDays(text, start, rows) : [];
    },
    readDays(isWanted) {
      const wanted = rows.map((row) => (isWanted(row) ? row : undefined));
      return wanted.some((row) => row !== undefined) ? readDays(text, firstDay, wanted) : [];
    },
  };
}

/** The days that begin at `first`. */
function* readDays(text: string, first: number, wanted: readonly (HistoryRow | undefined)[]): Generator<RowDay, void> {
  let day: ListedDay = { date: '', period: '' };
  for (let start = first; start < text.length;) {
    const end = text.indexOf('\n', start);
    if (end < 0) throw createDamagedLineError();
    if (text.startsWith('{', start)) day = parseDayLine(text.slice(start, end));
    else {
      const row = wanted[readRowNumber(text, start)];
      if (row !== undefined) yield { row, date: day.date, figures: parseFigures(text.slice(start, end), day) };
    }
    start = end + 1;
  }
}

/** The number that a line begins with, without parsing the rest: most lines of a block are not wanted. */
function readRowNumber(text: string, start: number): number {
  let number = 0;
  for (let at = start + 1; text.charCodeAt(at) !== comma; at += 1) {
    const digit = text.charCodeAt(at) - zero;
    if (!(digit >= 0 && digit <= 9)) throw createDamagedLineError();
    number = number * 10 + digit;
  }
  return number;
}

const comma = 0x2c;
const zero = 0x30;

function parseDayLine(line: string): ListedDay {
  const day = parseJson(line, listedDay);
  if (day === undefined) throw createDamagedLineError();
  return day;
}

/** A JSON number (RFC 8259, section 6) or null: answers hold these digits as they are, so nothing else may pass. */
const digits = String.raw`null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const figureLine = new RegExp(
  String.raw`^\[\d+,(?<totalCost>${digits}),(?<percentUsed>${digits}),(?<budgetAmount>${digits}),` +
    String.raw`(?:null|"(?<code>\w*)"|(?<text>"(?:[^"\\]|\\.)*"))(?:,"(?<period>|\d{4}-\d\d)")?\]$`,
);

function parseFigures(line: string, day: ListedDay): DayFigures {
  const { groups } = figureLine.exec(line) ?? {};
  if (groups === undefined) throw createDamagedLineError();
  const { totalCost, percentUsed, budgetAmount, code = '', text, period = day.period } = groups;
  // Nearly every code is three letters, which need no parser.
  const currencyCode = text === undefined ? code : parseJson(text, currencyText);
  if (currencyCode === undefined) throw createDamagedLineError();
  return {
    totalCost: toDigits(totalCost),
    percentUsed: toDigits(percentUsed),
    budgetAmount: toDigits(budgetAmount),
    currencyCode,
    period,
  };
}

function toDigits(text: string | undefined): string {
  return text === undefined || text === 'null' ? '' : text;
}

function createDamagedLineError(): UnreadableBlobError {
  return new UnreadableBlobError('a line of the history is damaged', { reason: 'corrupt' });
}
