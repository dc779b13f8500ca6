import type { CustomerMonthlyUsageRecord } from './record.ts';

/**
 * Every usage record of one refresh, in upstream order: the records' own bytes beside typed columns for filtering and sorting.
 * Immutable. `NaN` in a column means "this row has none".
 */
export type UsageSnapshot = {
  readonly count: number;
  /** NDJSON: line `row` is `lines[offsets[row] .. offsets[row + 1] - 1)`, without the line feed. */
  readonly lines: Buffer;
  readonly offsets: Uint32Array;
  /** Lower case. */
  readonly customerIds: readonly string[];
  /** As upstream wrote them; `''` when there is none. */
  readonly customerNames: readonly string[];
  /** For search and ordering: NFKC and case-folded. */
  readonly foldedNames: readonly string[];
  readonly isUpgraded: Uint8Array;
  readonly percentUsed: Float64Array;
  readonly budgetAmount: Float64Array;
  readonly totalCost: Float64Array;
  /** NaN on legacy rows too, whose 0 means "unknown". */
  readonly usdTotalCost: Float64Array;
  /** Epoch milliseconds. */
  readonly lastModified: Float64Array;
  /** Position in `currencies`; -1 for a row without a code. */
  readonly currency: Int16Array;
  readonly currencies: readonly string[];
};

export type SnapshotBuilder = {
  /** Appends one record: its own bytes without whitespace outside strings and without a line feed, and the same parsed. */
  add(line: Uint8Array, record: CustomerMonthlyUsageRecord): void;
  build(): UsageSnapshot;
};
