import { RefusedError } from '../errors.ts';
import { filterNames, selectRows } from '../query/select.ts';
import type { UsageFilters } from '../query/select.ts';
import { textAt } from '../snapshot/columns.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { createFigureReader, formatRowKey } from './day-figures.ts';
import type { HistoryRow } from './day-figures.ts';
import type { RowDay } from './month-lines.ts';

/** The most customers of one answer. */
const maximumCustomers = 50;

export type ChosenRows = {
  readonly customerIds: ReadonlySet<string>;
  readonly isChosen: (row: HistoryRow) => boolean;
  /** The rows' figures in the snapshot, in its order. */
  readonly current: readonly RowDay[];
};

/**
 * The rows to return: those that match the filters in the snapshot, which is the list of `date`. Customers named
 * by `customerId` are chosen even if the snapshot no longer has them, unless other filters ask for its figures. Throws RefusedError
 * `InvalidRequest` when the filters match too many customers.
 */
export function chooseRows(snapshot: UsageSnapshot, filters: UsageFilters, date: string): ChosenRows {
  const rows = selectRows(snapshot, filters);
  const matched = new Set<string>();
  for (const row of rows) {
    matched.add(textAt(snapshot.customerIds, row));
    if (matched.size > maximumCustomers) throw createTooManyError();
  }
  const reader = createFigureReader(snapshot);
  const current = Array.from(rows, (row) => ({ row: reader.getRow(row), date, figures: reader.getFigures(row) }));
  const { customerId, isUpgraded } = filters;
  const isByCustomer = filterNames.every((name) => filters[name] === undefined || customerFilters.has(name));
  if (customerId !== undefined && isByCustomer) {
    const isChosen = (row: HistoryRow) => isUpgraded === undefined || row.isUpgraded === isUpgraded;
    return { customerIds: new Set(customerId), isChosen, current };
  }
  const keys = new Set(current.map(({ row }) => formatRowKey(row)));
  return { customerIds: matched, isChosen: (row) => keys.has(formatRowKey(row)), current };
}

/** Filters that do not depend on the current list. */
const customerFilters: ReadonlySet<string> = new Set(['customerId', 'isUpgraded']);

function createTooManyError(): RefusedError {
  const detail = `the filters match more than ${maximumCustomers} customers; name at most ${maximumCustomers}, or add filters`;
  const problems = [{ parameter: 'customerId', code: 'TooManyCustomers', detail }] as const;
  return new RefusedError({ kind: 'InvalidRequest', problems });
}
