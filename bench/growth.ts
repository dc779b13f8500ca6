import { createRow, type Row } from './table.ts';

const pages = ['page', 'filtered', 'sorted', 'flat-sorted', 'search', 'summary-new', 'csv', 'filtered by naive'];

/** Rows of what every further record costs, from the smallest and the largest list that were measured. */
export function calculateGrowth(rows: readonly Row[]): Row[] {
  const cpu = pages.map((name) => describeSlope(rows, 'CPU a request', name, 'µs a 1 000 records', 1e6));
  const memory = describeSlope(rows, 'Memory', 'in use with the list, collected', 'bytes a record', 2 ** 20);
  return [...cpu, memory].filter((row) => row !== undefined);
}

function describeSlope(rows: readonly Row[], group: string, name: string, unit: string, scale: number) {
  const sizes = rows
    .filter((row) => row.group === group && row.name === name)
    .toSorted((one, other) => one.records - other.records);
  const [smallest, largest] = [sizes.at(0), sizes.at(-1)];
  if (smallest === undefined || largest === undefined || smallest.records === largest.records) return undefined;
  const records = largest.records - smallest.records;
  const slope = (change: number) => (change * scale) / records;
  return createRow({
    group: 'Growth from the smallest list to the largest',
    name,
    records: largest.records,
    unit,
    values: [
      slope(largest.value.low - smallest.value.high),
      slope(largest.value.median - smallest.value.median),
      slope(largest.value.high - smallest.value.low),
    ],
  });
}
