import { divideRounds, summarize, type Spread } from './statistics.ts';

/** One line of the table. */
export type Row = {
  readonly group: string;
  readonly name: string;
  readonly records: number;
  readonly unit: string;
  readonly value: Spread;
  readonly perSecond?: number;
  readonly baseline?: { readonly name: string; readonly value: Spread };
  readonly ratio?: Spread;
  readonly limit?: Limit;
  /** What else was seen in the same rounds. */
  readonly aside?: string;
};

/** What the median of the value, or of the ratio to the baseline, may be at most. */
export type Limit = { readonly of: 'value' | 'ratio'; readonly atMost: number };

type RowInput = Omit<Row, 'value' | 'ratio' | 'baseline' | 'limit'> & {
  /** One figure a round. */
  readonly values: readonly number[];
  readonly against?: { readonly name: string; readonly values: readonly number[] };
  readonly limit?: Limit | undefined;
};

/** Makes a row of the figures of all rounds, those of its baseline beside them. */
export function createRow({ values, against, limit, ...rest }: RowInput): Row {
  return {
    ...rest,
    value: summarize(values),
    ...(against && {
      baseline: { name: against.name, value: summarize(against.values) },
      ratio: summarize(divideRounds(values, against.values)),
    }),
    ...(limit && { limit }),
  };
}

/** Says whether a row keeps its limit; empty without one. */
export function judgeRow({ value, ratio, limit }: Row): '' | 'holds' | 'does not hold' {
  if (limit === undefined) return '';
  const seen = limit.of === 'value' ? value.median : (ratio?.median ?? Number.NaN);
  return seen <= limit.atMost ? 'holds' : 'does not hold';
}

const heading = ['', 'Records', 'Unit', 'Median', 'Requests/s', 'Ratio', 'Baseline', 'Limit', '', 'Beside it'];

/** Writes the rows as one Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [heading, heading.map((_, column) => (column === 0 ? '---' : ' --- ').trim())];
  let group = '';
  for (const row of rows) {
    if (row.group !== group) lines.push([`**${row.group}**`, ...heading.slice(1).map(() => '')]);
    ({ group } = row);
    lines.push(formatRow(row));
  }
  const widths = heading.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells, line) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, line === 1 ? '-' : ' ')))
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function formatRow(row: Row): string[] {
  const { name, records, unit, value, perSecond, ratio, baseline, limit, aside = '' } = row;
  return [
    name,
    formatNumber(records),
    unit,
    formatSpread(value),
    perSecond === undefined ? '' : formatNumber(perSecond),
    ratio === undefined ? '' : formatSpread(ratio),
    baseline === undefined ? '' : `${baseline.name}: ${formatNumber(baseline.value.median)}`,
    limit === undefined ? '' : `${formatNumber(limit.atMost)} ${limit.of === 'value' ? unit : 'x'}`,
    judgeRow(row),
    aside,
  ];
}

export function formatSpread({ median, low, high }: Spread): string {
  return `${formatNumber(median)} (${formatNumber(low)} to ${formatNumber(high)})`;
}

/** Three digits, with a blank between thousands. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const text = Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  return text.replaceAll(/\B(?=(?:\d{3})+$)/g, text.includes('.') ? '' : ' ');
}
