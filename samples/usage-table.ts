import { styleText } from 'node:util';
import { alignedOnPoint, plainAmount, roundedAmount } from './amount-text.ts';
import { cutTo, padTo, printable, widthOf } from './display-text.ts';
import type { SnapshotInfo, UsagePage, UsageRow } from './usage-client.ts';

export type TableLayout = {
  /** Columns of the terminal; undefined: as wide as the rows are. */
  readonly width: number | undefined;
  /** `drawn`: bars of block characters; `ascii`: for files and pipes. */
  readonly bars: 'drawn' | 'ascii';
  readonly colours: boolean;
  /** All digits of an amount instead of two places. */
  readonly exact: boolean;
};

type Style = 'bold' | 'green' | 'yellow' | 'red' | 'dim';

type Column = {
  readonly title: string;
  /** One a row, all of one width. */
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
  /** Left out where the terminal is too narrow, the lowest first. */
  readonly rank: number;
  readonly isPainted?: boolean;
};

const barCells = 10;
const leastNameWidth = 20;
const gap = '  ';
const neverLeftOut = 9;
const barCharacters = { drawn: ['█', '░', '▶'], ascii: ['#', '.', '>'] } as const;
const statusStyles = { none: 'dim', unknown: 'dim', ok: 'green', warning: 'yellow', over: 'red' } as const;

/** The rows as lines of a table, its heading first. */
export function usageTable(rows: readonly UsageRow[], layout: TableLayout): string[] {
  const names = rows.map(({ customerName, customerId }) => printable(customerName === '' ? customerId : customerName));
  const { columns, nameWidth } = fitted(columnsOf(rows, layout), names, layout.width);
  const paint = (style: Style, text: string) =>
    layout.colours ? styleText(style, text, { validateStream: false }) : text;
  const heading = [padTo('Customer', nameWidth), ...columns.map((column) => placed(column, column.title))];
  const lines = rows.map((row, position) => {
    const cells = columns.map((column) => {
      const cell = placed(column, column.cells[position] ?? '');
      return column.isPainted === true ? paint(statusStyles[row.budgetStatus], cell) : cell;
    });
    return [padTo(cutTo(names[position] ?? '', nameWidth), nameWidth), ...cells].join(gap).trimEnd();
  });
  return [paint('bold', heading.join(gap).trimEnd()), ...lines];
}

/** One line on what the table shows: period, state, why there is nothing newer, age of the data, how many rows of how many. */
export function usageFooter({ value, totalCount, snapshot }: UsagePage, exact: boolean, now: number): string {
  const { period, state, reason, recordCount } = snapshot;
  const why = reason === undefined ? '' : ` (${printable(reason)})`;
  const matches = totalCount === value.length ? '' : ` (${totalCount} match)`;
  const digits = exact ? 'estimated costs, all digits' : 'estimated costs, rounded to 2 places (--exact: all digits)';
  return `${period}, ${state}${why}, data ${ageOf(snapshot, now)} old, ${value.length} of ${recordCount} rows${matches}; ${digits}`;
}

function columnsOf(rows: readonly UsageRow[], { bars, exact }: TableLayout): Column[] {
  const textOf = exact ? plainAmount : roundedAmount;
  const costs = alignedOnPoint(rows.map(({ totalCostText }) => (totalCostText === '' ? '-' : textOf(totalCostText))));
  const budgets = alignedOnPoint(rows.map(({ budgetAmount }) => (budgetAmount === null ? '-' : textOf(budgetAmount))));
  const currencies = rows.map(({ currencyCode }) => printable(currencyCode === '' ? 'none' : currencyCode));
  const currencyWidth = Math.max(0, ...currencies.map((currency) => widthOf(currency)));
  const costCells = costs.map((cost, row) => `${cost} ${padTo(currencies[row] ?? '', currencyWidth)}`);
  const shares = rows.map(({ percentUsed }) => (percentUsed === null ? '-' : `${percentUsed.toFixed(2)} %`));
  const barTexts = rows.map(({ percentUsed }) => barOf(percentUsed, barCharacters[bars]));
  const statuses = rows.map(({ budgetStatus }) => (budgetStatus === 'none' ? 'no budget' : budgetStatus));
  return [
    { title: 'Cost', cells: costCells, align: 'right', rank: neverLeftOut },
    { title: 'Budget', cells: budgets, align: 'right', rank: 3 },
    { title: '', cells: barTexts, align: 'left', rank: 1, isPainted: true },
    { title: 'Used', cells: shares, align: 'right', rank: neverLeftOut },
    { title: 'Pace', cells: rows.map(paceTextOf), align: 'right', rank: 2 },
    { title: 'Status', cells: statuses, align: 'left', rank: neverLeftOut, isPainted: true },
  ];
}

/** The columns there is room for, and what is left for the name. */
function fitted(columns: readonly Column[], names: readonly string[], width: number | undefined) {
  const longestName = Math.max('Customer'.length, ...names.map((name) => widthOf(name)));
  if (width === undefined) return { columns, nameWidth: longestName };
  const wanted = Math.min(longestName, leastNameWidth);
  const ranks = [0, 1, 2, 3];
  const choices = ranks.map((rank) => {
    const kept = columns.filter((column) => column.rank > rank);
    const taken = kept.map((column) => widthOfColumn(column) + gap.length).reduce((sum, each) => sum + each, 0);
    return { columns: kept, nameWidth: Math.min(longestName, Math.max(width - taken, 'Customer'.length)) };
  });
  return choices.find(({ nameWidth }) => nameWidth >= wanted) ?? choices.at(-1) ?? { columns, nameWidth: longestName };
}

function widthOfColumn({ title, cells }: Column): number {
  return Math.max(title.length, ...cells.map((cell) => widthOf(cell)));
}

function placed(column: Column, text: string): string {
  const width = widthOfColumn(column);
  return column.align === 'left' ? padTo(text, width) : ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Ten cells, one a full tenth, and an arrow behind them for whatever is over 100 %. */
function barOf(percentUsed: number | null, [full, empty, beyond]: readonly [string, string, string]): string {
  if (percentUsed === null) return '';
  const filled = Math.min(barCells, Math.max(0, Math.floor(percentUsed / barCells)));
  return full.repeat(filled) + empty.repeat(barCells - filled) + (percentUsed > 100 ? beyond : ' ');
}

/** What the month will have used of the budget if it goes on like this; `~` in its first days, when that says little. */
function paceTextOf({ pacePercent, forecastConfidence }: UsageRow): string {
  if (pacePercent === null) return '-';
  return `${forecastConfidence === 'low' ? '~' : ''}${pacePercent.toFixed(0)} %`;
}

function ageOf({ fetchedAt }: SnapshotInfo, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(fetchedAt)) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
