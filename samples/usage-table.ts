import { styleText } from 'node:util';
import { alignOnPoint, removeExponent, roundAmount } from './amount-text.ts';
import { truncate, padToWidth, toPrintable, measureWidth } from './display-text.ts';
import type { SnapshotInfo, UsagePage, UsageRow } from './usage-client.ts';

export type TableLayout = {
  /** Columns of the terminal; undefined means no limit. */
  readonly width: number | undefined;
  /** `drawn` uses block characters; `ascii` is for files and pipes. */
  readonly bars: 'drawn' | 'ascii';
  readonly colours: boolean;
  /** All digits of an amount instead of two places. */
  readonly exact: boolean;
};

type Style = 'bold' | 'green' | 'yellow' | 'red' | 'dim';

type Column = {
  readonly title: string;
  /** One per row, all of the same width. */
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
  /** If the terminal is too narrow, the columns with the lowest rank are dropped first. */
  readonly rank: number;
  readonly isPainted?: boolean;
};

const barCells = 10;
const minNameWidth = 20;
const gap = '  ';
const neverDropped = 9;
const barCharacters = { drawn: ['█', '░', '▶'], ascii: ['#', '.', '>'] } as const;
const statusStyles = { none: 'dim', unknown: 'dim', ok: 'green', warning: 'yellow', over: 'red' } as const;

/** The lines of a table, with the heading first. */
export function formatUsageTable(rows: readonly UsageRow[], layout: TableLayout): string[] {
  const names = rows.map(({ customerName, customerId }) =>
    toPrintable(customerName === '' ? customerId : customerName),
  );
  const { columns, nameWidth } = fitColumns(createColumns(rows, layout), names, layout.width);
  const paint = (style: Style, text: string) =>
    layout.colours ? styleText(style, text, { validateStream: false }) : text;
  const heading = [padToWidth('Customer', nameWidth), ...columns.map((column) => alignCell(column, column.title))];
  const lines = rows.map((row, position) => {
    const cells = columns.map((column) => {
      const cell = alignCell(column, column.cells[position] ?? '');
      return column.isPainted === true ? paint(statusStyles[row.budgetStatus], cell) : cell;
    });
    return [padToWidth(truncate(names[position] ?? '', nameWidth), nameWidth), ...cells].join(gap).trimEnd();
  });
  return [paint('bold', heading.join(gap).trimEnd()), ...lines];
}

/** One line about the data: period or day, state, failure reason, age and number of rows. */
export function formatUsageFooter({ value, totalCount, snapshot }: UsagePage, exact: boolean, now: number): string {
  const { asOf, period, state, reason, recordCount } = snapshot;
  const why = reason === undefined ? '' : ` (${toPrintable(reason)})`;
  const matches = totalCount === value.length ? '' : ` (${totalCount} match)`;
  const digits = exact ? 'estimated costs, all digits' : 'estimated costs, rounded to 2 places (--exact: all digits)';
  return `${asOf ?? period}, ${state}${why}, data ${formatAge(snapshot, now)} old, ${value.length} of ${recordCount} rows${matches}; ${digits}`;
}

function createColumns(rows: readonly UsageRow[], { bars, exact }: TableLayout): Column[] {
  const formatAmount = exact ? removeExponent : roundAmount;
  const costs = alignOnPoint(
    rows.map(({ totalCostText }) => (totalCostText === '' ? '-' : formatAmount(totalCostText))),
  );
  const budgets = alignOnPoint(
    rows.map(({ budgetAmount }) => (budgetAmount === null ? '-' : formatAmount(budgetAmount))),
  );
  const currencies = rows.map(({ currencyCode }) => toPrintable(currencyCode === '' ? 'none' : currencyCode));
  const currencyWidth = Math.max(0, ...currencies.map((currency) => measureWidth(currency)));
  const costCells = costs.map((cost, row) => `${cost} ${padToWidth(currencies[row] ?? '', currencyWidth)}`);
  const shares = rows.map(({ percentUsed }) => (percentUsed === null ? '-' : `${percentUsed.toFixed(2)} %`));
  const barTexts = rows.map(({ percentUsed }) => drawBar(percentUsed, barCharacters[bars]));
  const statuses = rows.map(({ budgetStatus }) => (budgetStatus === 'none' ? 'no budget' : budgetStatus));
  return [
    { title: 'Cost', cells: costCells, align: 'right', rank: neverDropped },
    { title: 'Budget', cells: budgets, align: 'right', rank: 3 },
    { title: '', cells: barTexts, align: 'left', rank: 1, isPainted: true },
    { title: 'Used', cells: shares, align: 'right', rank: neverDropped },
    { title: 'Pace', cells: rows.map(formatPace), align: 'right', rank: 2 },
    { title: 'Status', cells: statuses, align: 'left', rank: neverDropped, isPainted: true },
  ];
}

/** The columns that fit, and the width that remains for the name. */
function fitColumns(columns: readonly Column[], names: readonly string[], width: number | undefined) {
  const longestName = Math.max('Customer'.length, ...names.map((name) => measureWidth(name)));
  if (width === undefined) return { columns, nameWidth: longestName };
  const wanted = Math.min(longestName, minNameWidth);
  const ranks = [0, 1, 2, 3];
  const choices = ranks.map((rank) => {
    const kept = columns.filter((column) => column.rank > rank);
    const taken = kept.map((column) => measureColumn(column) + gap.length).reduce((sum, each) => sum + each, 0);
    return { columns: kept, nameWidth: Math.min(longestName, Math.max(width - taken, 'Customer'.length)) };
  });
  return choices.find(({ nameWidth }) => nameWidth >= wanted) ?? choices.at(-1) ?? { columns, nameWidth: longestName };
}

function measureColumn({ title, cells }: Column): number {
  return Math.max(title.length, ...cells.map((cell) => measureWidth(cell)));
}

function alignCell(column: Column, text: string): string {
  const width = measureColumn(column);
  return column.align === 'left' ? padToWidth(text, width) : ' '.repeat(Math.max(0, width - measureWidth(text))) + text;
}

/** Ten cells, one per full 10 %, followed by an arrow above 100 %. */
function drawBar(percentUsed: number | null, [full, empty, beyond]: readonly [string, string, string]): string {
  if (percentUsed === null) return '';
  const filled = Math.min(barCells, Math.max(0, Math.floor(percentUsed / barCells)));
  return full.repeat(filled) + empty.repeat(barCells - filled) + (percentUsed > 100 ? beyond : ' ');
}

/** Projected share of the budget at the end of the month, with `~` while the confidence is low. */
function formatPace({ pacePercent, forecastConfidence }: UsageRow): string {
  if (pacePercent === null) return '-';
  return `${forecastConfidence === 'low' ? '~' : ''}${pacePercent.toFixed(0)} %`;
}

function formatAge({ fetchedAt }: SnapshotInfo, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(fetchedAt)) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
