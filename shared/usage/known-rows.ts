import { z } from 'zod';
import { DependencyError } from '../errors.ts';
import { isUnreadable, numberAt } from './columns.ts';
import { createOverBudgetProjections } from './forecast.ts';
import { recordTextsOf } from './record-texts.ts';
import type { UsageSnapshot } from './snapshot.ts';

/** What was last known of a row, however many lists ago. `NaN` and `undefined` stand for what no list has said. */
export type KnownRow = {
  /** 0 without a budget. */
  readonly percent: number;
  /** The same as upstream wrote it; `null` without a budget. */
  readonly percentUsed: string | null;
  readonly totalCost: number;
  readonly spendsWithoutBudget: boolean | undefined;
  readonly isProjectedOver: boolean | undefined;
  /** When the figures of a legacy row were seen to start again; epoch milliseconds. */
  readonly restartedAt?: number | undefined;
  /** When a list had the row last, if the newest one lacks it; epoch milliseconds. */
  readonly seenAt?: number | undefined;
};

/** What a snapshot alone does not say, by row key: whole rows that it lacks, or the parts that its row leaves open. */
export type KnownRows = ReadonlyMap<string, Partial<KnownRow>>;

/** A line of the stored rows, where `percent` is left to `percentUsed`. */
const storedRow = z.object({
  key: z.string(),
  percentUsed: z.string().nullable().exactOptional(),
  totalCost: z.number().exactOptional(),
  spendsWithoutBudget: z.boolean().exactOptional(),
  isProjectedOver: z.boolean().exactOptional(),
  restartedAt: z.int().exactOptional(),
  seenAt: z.int().exactOptional(),
});

/** Reads rows of a snapshot; digits are cut out only when they are asked for. */
export function createRowReader(snapshot: UsageSnapshot): (row: number) => KnownRow {
  const isOverBudget = createOverBudgetProjections(snapshot);
  return (row) => {
    const hasBudget = !Number.isNaN(numberAt(snapshot.budgetAmount, row));
    const totalCost = numberAt(snapshot.totalCost, row);
    const hasReadableBudget = !isUnreadable(snapshot, row, 'budget');
    const isComparable = hasReadableBudget && !Number.isNaN(totalCost);
    return {
      percent: hasBudget ? numberAt(snapshot.percentUsed, row) : hasReadableBudget ? 0 : Number.NaN,
      get percentUsed() {
        return hasBudget ? recordTextsOf(snapshot, row).percentUsed : null;
      },
      totalCost,
      spendsWithoutBudget: isComparable ? !hasBudget && totalCost > 0 : undefined,
      isProjectedOver: isComparable ? isOverBudget(row) === true : undefined,
    };
  };
}

/** The parts of `known` that `now` leaves open. */
export function pickOpenParts(known: KnownRow, now: KnownRow): Partial<KnownRow> {
  const { percent, percentUsed, totalCost, spendsWithoutBudget, isProjectedOver } = known;
  return {
    ...(Number.isNaN(now.percent) && { percent, percentUsed }),
    ...(now.spendsWithoutBudget === undefined && { totalCost, spendsWithoutBudget, isProjectedOver }),
  };
}

/** A row of which nothing is known yet. */
export const unknownRow: KnownRow = {
  percent: Number.NaN,
  percentUsed: null,
  totalCost: Number.NaN,
  spendsWithoutBudget: undefined,
  isProjectedOver: undefined,
};

/** The rows as NDJSON. */
export function writeKnownRows(rows: KnownRows): Buffer {
  return Buffer.from(Array.from(rows, ([key, row]) => `${JSON.stringify({ key, ...storable(row) })}\n`).join(''));
}

/** The rows of stored lines. Throws DependencyError `StorageUnavailable` when a line is none. */
export function parseKnownRows(lines: Buffer): KnownRows {
  return new Map(lines.toString().split('\n').slice(0, -1).map(parseKnownRow));
}

/** JSON has neither NaN nor Infinity, with which nothing can be compared. */
function storable({ percent = Number.NaN, percentUsed, totalCost, ...rest }: Partial<KnownRow>) {
  return {
    ...rest,
    percentUsed: Number.isNaN(percent) ? undefined : percentUsed,
    totalCost: Number.isFinite(totalCost) ? totalCost : undefined,
  };
}

function parseKnownRow(line: string, position: number): [string, Partial<KnownRow>] {
  const stored = storedRow.safeParse(parseJson(line));
  if (!stored.success) {
    throw new DependencyError('StorageUnavailable', 'stored last known rows are damaged', {
      details: { reason: 'corrupt', line: position },
    });
  }
  const { key, percentUsed, ...row } = stored.data;
  return [key, percentUsed === undefined ? row : { ...row, percentUsed, percent: Number(percentUsed ?? 0) }];
}

/** `undefined` for what is not JSON; the error of JSON.parse quotes the text it stumbled over, so it goes nowhere. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
