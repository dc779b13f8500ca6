import { scannedRecord } from './columns.ts';
import { readFigure, readText } from './record-values.ts';
import type { UsageSnapshot } from './snapshot.ts';

/**
 * What a record says, letter by letter. A figure is its digits as Partner Center wrote them; `''` stands for null, missing or what
 * is no figure.
 */
export type RecordTexts = {
  readonly budgetAmount: string;
  readonly percentUsed: string;
  readonly totalCost: string;
  readonly usdTotalCost: string;
  readonly currencyLocale: string;
  readonly lastModifiedDate: string;
};

/** The texts of one row, cut from its own bytes: a double would lose digits. */
export function readRecordTexts(snapshot: UsageSnapshot, row: number): RecordTexts {
  const record = scannedRecord(snapshot, row);
  return {
    budgetAmount: readFigure(record, 'amount'),
    percentUsed: readFigure(record, 'percentUsed'),
    totalCost: readFigure(record, 'totalCost'),
    usdTotalCost: readFigure(record, 'usdTotalCost'),
    currencyLocale: readText(record, 'currencyLocale') ?? '',
    lastModifiedDate: readText(record, 'lastModifiedDate') ?? '',
  };
}
