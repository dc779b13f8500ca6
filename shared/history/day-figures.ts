import { scannedRecord } from '../snapshot/columns.ts';
import type { ScannedLines } from '../snapshot/columns.ts';
import { formatPeriod } from '../snapshot/period.ts';
import { parseInstant } from '../snapshot/record.ts';
import { readCustomerId, readFigure, readFlag, readText } from '../snapshot/record-values.ts';

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

/** Reads the rows of a list and their figures without columns, because each row is read once. */
export function createFigureReader(list: ScannedLines) {
  const readPeriod = createMonthLookup();
  return {
    getRow(row: number): HistoryRow {
      const record = scannedRecord(list, row);
      const customerId = readCustomerId(record).toLowerCase();
      return { customerId, isUpgraded: readFlag(record, 'isUpgraded') ?? null };
    },
    getFigures(row: number): DayFigures {
      const record = scannedRecord(list, row);
      return {
        totalCost: readFigure(record, 'totalCost'),
        percentUsed: readFigure(record, 'percentUsed'),
        budgetAmount: readFigure(record, 'amount'),
        currencyCode: readText(record, 'currencyCode'),
        period: readPeriod(readText(record, 'lastModifiedDate')),
      };
    },
  };
}

/** The month of a timestamp. Many rows of a list have the same timestamp. */
function createMonthLookup(): (dateTime: string) => string {
  const known = new Map<string, string>();
  return (dateTime) => {
    const instant = known.has(dateTime) ? Number.NaN : parseInstant(dateTime);
    const period = known.get(dateTime) ?? (Number.isNaN(instant) ? '' : formatPeriod(instant));
    known.set(dateTime, period);
    return period;
  };
}

/** The row as a key of maps in memory. Stored keys are `azure-plan` and `legacy` instead (known-rows.ts). */
export function formatRowKey({ customerId, isUpgraded }: HistoryRow): string {
  return `${customerId}/${String(isUpgraded)}`;
}
