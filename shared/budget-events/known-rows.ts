import * as z from 'zod';
import { UnreadableBlobError } from '../errors.ts';
import { parseJson } from '../parse-json.ts';
import { isUnreadable, scannedRecord } from '../snapshot/columns.ts';
import { createOverBudgetProjections } from '../views/forecast.ts';
import { readFigure } from '../snapshot/record-values.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/** What was last known of a row, however many lists ago. `NaN` and `undefined` mean unknown. */
export type KnownRow = {
  /** 0 without a budget. */
  readonly percent: number;
  /** The same as upstream wrote it; `null` without a budget. */
  readonly percentUsed: string | null;
  readonly totalCost: number;
  readonly spendsWithoutBudget: boolean | undefined;
  readonly isProjectedOver: boolean | undefined;
  /** When the figures of a legacy row last started again; epoch milliseconds. */
  readonly restartedAt?: number | undefined;
  /** When a list had the row last, if the newest one lacks it; epoch milliseconds. */
  readonly seenAt?: number | undefined;
};

/** What a snapshot lacks, by row key: whole rows, or the unknown parts of a row. */
export type KnownRows = ReadonlyMap<string, Partial<KnownRow>>;

/** A line of the stored rows; `percent` follows from `percentUsed`. */
const storedRow = z.object({
  key: z.string(),
  percentUsed: z.string().nullable().exactOptional(),
  totalCost: z.number().exactOptional(),
  spendsWithoutBudget: z.boolean().exactOptional(),
  isProjectedOver: z.boolean().exactOptional(),
  restartedAt: z.int().exactOptional(),
  seenAt: z.int().exactOptional(),
});

/** Reads rows of a snapshot; digits and projections, which cost time, are read only when used. */
export function createRowReader(snapshot: UsageSnapshot): (row: number) => KnownRow {
  const isOverBudget = createOverBudgetProjections(snapshot);
  return (row) => new SnapshotRow(snapshot, row, isOverBudget);
}

/** A class, because 100 000 literals with getters take ten times longer. */
class SnapshotRow implements KnownRow {
  readonly percent: number;
  readonly totalCost: number;
  readonly spendsWithoutBudget: boolean | undefined;
  readonly #snapshot: UsageSnapshot;
  readonly #row: number;
  readonly #isOverBudget: (row: number) => boolean | undefined;

  constructor(snapshot: UsageSnapshot, row: number, isOverBudget: (row: number) => boolean | undefined) {
    this.#snapshot = snapshot;
    this.#row = row;
    this.#isOverBudget = isOverBudget;
    const hasBudget = !Number.isNaN(snapshot.budgetAmount[row]);
    const isReadable = !isUnreadable(snapshot, row, 'budget');
    this.percent = hasBudget ? Number(snapshot.percentUsed[row]) : isReadable ? 0 : Number.NaN;
    this.totalCost = Number(snapshot.totalCost[row]);
    const isComparable = isReadable && !Number.isNaN(this.totalCost);
    this.spendsWithoutBudget = isComparable ? !hasBudget && this.totalCost > 0 : undefined;
  }

  get percentUsed(): string | null {
    const record = scannedRecord(this.#snapshot, this.#row);
    return readFigure(record, 'amount') === '' ? null : readFigure(record, 'percentUsed');
  }

  get isProjectedOver(): boolean | undefined {
    return this.spendsWithoutBudget === undefined ? undefined : this.#isOverBudget(this.#row) === true;
  }
}

/** A row with some of its parts replaced. */
export function withParts(known: KnownRow, parts: Partial<KnownRow>): KnownRow {
  const { percent, percentUsed, totalCost, spendsWithoutBudget, isProjectedOver, restartedAt, seenAt } = known;
  const whole = { percent, percentUsed, totalCost, spendsWithoutBudget, isProjectedOver, restartedAt, seenAt };
  return { ...whole, ...parts };
}

/** The parts of `known` that are unknown in `now`; `undefined` when all are known. */
export function pickUnknownFields(known: KnownRow, now: KnownRow): Partial<KnownRow> | undefined {
  const isPercentOpen = Number.isNaN(now.percent);
  const isCostOpen = now.spendsWithoutBudget === undefined;
  if (!isPercentOpen && !isCostOpen) return undefined;
  const { percent, percentUsed, totalCost, spendsWithoutBudget, isProjectedOver } = known;
  return {
    ...(isPercentOpen && { percent, percentUsed }),
    ...(isCostOpen && { totalCost, spendsWithoutBudget, isProjectedOver }),
  };
}

/** A row before anything is known of it. */
export const unknownRow: KnownRow = {
  percent: Number.NaN,
  percentUsed: null,
  totalCost: Number.NaN,
  spendsWithoutBudget: undefined,
  isProjectedOver: undefined,
};

/** The rows as NDJSON. */
export function writeKnownRows(rows: KnownRows): Buffer {
  return Buffer.from(Array.from(rows, ([key, row]) => `${JSON.stringify({ key, ...toStorable(row) })}\n`).join(''));
}

/** The rows of stored lines. Throws UnreadableBlobError when a line is damaged. */
export function parseKnownRows(lines: Buffer): KnownRows {
  return new Map(lines.toString().split('\n').slice(0, -1).map(parseKnownRow));
}

/** Leaves out NaN and Infinity: JSON has neither, and they cannot be compared. */
function toStorable({ percent = Number.NaN, percentUsed, totalCost, ...rest }: Partial<KnownRow>) {
  return {
    ...rest,
    percentUsed: Number.isNaN(percent) ? undefined : percentUsed,
    totalCost: Number.isFinite(totalCost) ? totalCost : undefined,
  };
}

function parseKnownRow(line: string, position: number): [string, Partial<KnownRow>] {
  const stored = parseJson(line, storedRow);
  if (stored === undefined) {
    throw new UnreadableBlobError('stored known rows are damaged', {
      reason: 'corrupt',
      details: { line: position },
    });
  }
  const { key, percentUsed, ...row } = stored;
  return [key, percentUsed === undefined ? row : { ...row, percentUsed, percent: Number(percentUsed ?? 0) }];
}
