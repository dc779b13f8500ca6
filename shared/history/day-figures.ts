import { scannedRecord, textAt } from '../snapshot/columns.ts';
import { createPeriods } from '../snapshot/period.ts';
import { readCustomerId, readFigure } from '../snapshot/record-values.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/** A row across lists: a customer may have one for an Azure plan and one for legacy subscriptions. */
export type HistoryRow = {
  /** Lower case. */
  readonly customerId: string;
  /** `null` when the record does not say. */
  readonly isUpgraded: boolean | null;
};

/** A row's figures on one day, digits as Partner Center wrote them; `''` where there is nothing that can be read. */
export type DayFigures = {
  readonly totalCost: string;
  readonly percentUsed: string;
  readonly budgetAmount: string;
  readonly currencyCode: string;
  /** The UTC month of the row's `lastModifiedDate`, as `2026-11`. */
  readonly period: string;
};

/** Reads the rows of a list and their figures without the column of ids, because each row is read once. */
export function createFigureReader(list: UsageSnapshot) {
  const { isUpgraded, currency, currencies, lastModified } = list;
  const getPeriod = createPeriods();
  return {
    getRow(row: number): HistoryRow {
      const customerId = readCustomerId(scannedRecord(list, row)).toLowerCase();
      return { customerId, isUpgraded: isUpgraded[row] === 2 ? null : isUpgraded[row] === 1 };
    },
    getFigures(row: number): DayFigures {
      const record = scannedRecord(list, row);
      return {
        totalCost: readFigure(record, 'totalCost'),
        percentUsed: readFigure(record, 'percentUsed'),
        budgetAmount: readFigure(record, 'amount'),
        currencyCode: textAt(currencies, Number(currency[row])),
        period: getPeriod(Number(lastModified[row])),
      };
    },
  };
}

/** The row as a key of maps in memory. Stored keys are `azure-plan` and `legacy` instead (known-rows.ts). */
export function formatRowKey({ customerId, isUpgraded }: HistoryRow): string {
  return `${customerId}/${String(isUpgraded)}`;
}
