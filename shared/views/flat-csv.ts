import { isUnreadable, scannedRecord, textAt } from '../snapshot/columns.ts';
import { findCustomerIdMember, findCustomerNameMember, findFigure, readText } from '../snapshot/record-values.ts';
import type { ScannedRecord } from '../snapshot/record-values.ts';
import { createPeriods } from '../snapshot/period.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { createBudgetStatuses } from './budget-status.ts';
import type { BudgetLimits } from './budget-status.ts';
import {
  inLowerCase,
  asWritten,
  writeAscii,
  writeBytes,
  writeFigure,
  tryWriteText,
  writeText,
  writeTwoDecimals,
} from './csv-cells.ts';
import type { CsvOutput } from './csv-cells.ts';
import { csvSeparators, formatCsvHeader, formatTextCell } from './csv.ts';
import type { CsvSeparator } from './csv.ts';
import { getFlatColumns } from './flat-fields.ts';
import type { FlatField } from './flat-fields.ts';
import { flagTexts } from './flat-row.ts';
import { createForecasts } from './forecast.ts';
import type { Forecast } from './forecast.ts';

type FlatCsvOptions = {
  readonly fields: readonly FlatField[];
  readonly limits: BudgetLimits;
  readonly separator?: CsvSeparator | undefined;
};

/** About 1300 rows, which take two milliseconds. */
const pieceBytes = 256 * 1024;
const lineEnd = Buffer.from('\r\n');

/**
 * Flat rows as CSV, in pieces, for lists: byte for byte what `renderCsv` in csv.ts, which writes histories, makes of the texts of
 * flat-row.ts. Cells are copied from the records' bytes, because texts and objects for each row take twice as long.
 */
export function* renderFlatCsv(
  snapshot: UsageSnapshot,
  rows: Uint32Array,
  { fields, limits, separator = 'comma' }: FlatCsvOptions,
): Iterable<string | Buffer> {
  yield formatCsvHeader(getFlatColumns(fields), separator);
  const between = Buffer.from(csvSeparators[separator]);
  const writers = createCellWriters(snapshot, limits);
  const [writeFirst, ...writeOthers] = fields.map((field) => writers[field]);
  let out = createOutput(0);
  for (const row of rows) {
    const longest = estimateLongestLine(snapshot, row);
    if (out.bytes.length - out.length < longest) {
      yield out.bytes.subarray(0, out.length);
      out = createOutput(Math.max(longest, Math.min(pieceBytes, longest * rows.length)));
    }
    const record = scannedRecord(snapshot, row);
    writeFirst?.(out, record, row);
    for (const writeCell of writeOthers) {
      writeBytes(out, between);
      writeCell(out, record, row);
    }
    writeBytes(out, lineEnd);
  }
  yield out.bytes.subarray(0, out.length);
}

function createOutput(bytes: number): CsvOutput {
  return { bytes: Buffer.allocUnsafeSlow(bytes), length: 0 };
}

/** No cell is three times as long as its JSON, and what is computed for a row is short. */
function estimateLongestLine({ offsets }: UsageSnapshot, row: number): number {
  return 3 * (Number(offsets[row + 1]) - Number(offsets[row])) + 512;
}

/** Writes one cell of a row. */
type WriteCell = (out: CsvOutput, record: ScannedRecord, row: number) => void;

function hasBudget(record: ScannedRecord): boolean {
  return findFigure(record, 'amount').end > 0;
}

function writeTotalCost(out: CsvOutput, record: ScannedRecord): void {
  writeFigure(out, record, 'totalCost');
}

function createCellWriters(snapshot: UsageSnapshot, limits: BudgetLimits): Readonly<Record<FlatField, WriteCell>> {
  const { currencies, currency, isUpgraded, lastModified } = snapshot;
  const currencyCells = currencies.map((code) => Buffer.from(formatTextCell(code)));
  const getBudgetStatus = createBudgetStatuses(snapshot, limits);
  const getForecast = rememberLast(createForecasts(snapshot));
  const getPeriod = createPeriods();

  return {
    customerId(out, record) {
      const member = findCustomerIdMember(record);
      if (tryWriteText(out, record, member, inLowerCase)) return;
      writeText(out, formatTextCell(readText(record, member).toLowerCase()));
    },
    customerName(out, record) {
      const member = findCustomerNameMember(record);
      if (!tryWriteText(out, record, member, asWritten)) writeText(out, formatTextCell(readText(record, member)));
    },
    period: (out, _, row) => writeAscii(out, getPeriod(Number(lastModified[row]))),
    hasBudget(out, record, row) {
      if (!isUnreadable(snapshot, row, 'budget')) writeAscii(out, String(hasBudget(record)));
    },
    budgetAmount: (out, record) => writeFigure(out, record, 'amount'),
    percentUsed(out, record) {
      if (hasBudget(record)) writeFigure(out, record, 'percentUsed');
    },
    totalCost: writeTotalCost,
    totalCostText: writeTotalCost,
    currencyCode(out, _, row) {
      const cell = currencyCells[Number(currency[row])];
      if (cell !== undefined) writeBytes(out, cell);
    },
    usdTotalCost(out, record, row) {
      if (isUpgraded[row] === 1) writeFigure(out, record, 'usdTotalCost');
    },
    isUpgraded: (out, _, row) => writeAscii(out, textAt(flagTexts, Number(isUpgraded[row]))),
    lastModifiedDate(out, record, row) {
      if (Number.isNaN(lastModified[row])) return;
      if (tryWriteText(out, record, 'lastModifiedDate', asWritten)) return;
      writeText(out, readText(record, 'lastModifiedDate'));
    },
    pacePercent: (out, _, row) => writeTwoDecimals(out, getForecast(row).pacePercent),
    projectedMonthEndCost: (out, _, row) => writeTwoDecimals(out, getForecast(row).projectedMonthEndCost),
    forecastConfidence: (out, _, row) => writeAscii(out, getForecast(row).confidence),
    budgetStatus: (out, _, row) => writeAscii(out, getBudgetStatus(row)),
  };
}

/** Several cells of a row need the same forecast. */
function rememberLast(getForecast: (row: number) => Forecast): (row: number) => Forecast {
  let last: { readonly row: number; readonly forecast: Forecast } | undefined;
  return (row) => {
    if (last?.row !== row) last = { row, forecast: getForecast(row) };
    return last.forecast;
  };
}
