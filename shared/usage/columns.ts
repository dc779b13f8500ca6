import { fold } from './fold.ts';
import { instantOf } from './record.ts';
import type { CustomerMonthlyUsageRecord } from './record.ts';

/** What filters and orders look at, one entry a row. `NaN` means "this row has none". */
export type UsageColumns = {
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
  readonly currency: Int32Array;
  readonly currencies: readonly string[];
};

export type ColumnsBuilder = {
  add(record: CustomerMonthlyUsageRecord): void;
  build(): UsageColumns;
};

/** Collects the columns of records that passed the wire check, in the order they come. */
export function createColumnsBuilder(): ColumnsBuilder {
  const customerIds: string[] = [];
  const customerNames: string[] = [];
  const foldedNames: string[] = [];
  const isUpgraded: number[] = [];
  const percentUsed: number[] = [];
  const budgetAmount: number[] = [];
  const totalCost: number[] = [];
  const usdTotalCost: number[] = [];
  const lastModified: number[] = [];
  const currency: number[] = [];
  const currencies = new Map<string, number>();
  const instants = new Map<string, number>();

  function currencyOf({ currencyCode }: CustomerMonthlyUsageRecord): number {
    if (currencyCode === undefined || currencyCode === null || currencyCode === '') return -1;
    const known = currencies.get(currencyCode);
    if (known !== undefined) return known;
    currencies.set(currencyCode, currencies.size);
    return currencies.size - 1;
  }

  /** Rows of one batch at Partner Center bear the same stamp, and reading one costs as much as the rest of a row. */
  function instantOnce(text: string): number {
    const known = instants.get(text);
    if (known !== undefined) return known;
    const instant = instantOf(text);
    instants.set(text, instant);
    return instant;
  }

  return {
    add(record) {
      const name = record.resourceName ?? record.name ?? '';
      const folded = fold(name);
      customerIds.push((record.resourceId ?? record.id ?? '').toLowerCase());
      customerNames.push(name);
      foldedNames.push(folded === name ? name : folded);
      isUpgraded.push(record.isUpgraded ? 1 : 0);
      percentUsed.push(record.percentUsed);
      budgetAmount.push(record.budget?.amount ?? Number.NaN);
      totalCost.push(record.totalCost);
      usdTotalCost.push(record.isUpgraded ? (record.usdTotalCost ?? Number.NaN) : Number.NaN);
      lastModified.push(instantOnce(record.lastModifiedDate));
      currency.push(currencyOf(record));
    },
    // The constructors, as `from` walks an array by its iterator, ten times as slowly.
    build: () => ({
      customerIds,
      customerNames,
      foldedNames,
      isUpgraded: new Uint8Array(isUpgraded),
      percentUsed: new Float64Array(percentUsed),
      budgetAmount: new Float64Array(budgetAmount),
      totalCost: new Float64Array(totalCost),
      usdTotalCost: new Float64Array(usdTotalCost),
      lastModified: new Float64Array(lastModified),
      currency: new Int32Array(currency),
      currencies: [...currencies.keys()],
    }),
  };
}

/** The figure of a row; NaN where the column ends. */
export function numberAt(column: ArrayLike<number>, row: number): number {
  return column[row] ?? Number.NaN;
}

/** The text of a row; `''` where the column ends. */
export function textAt(column: readonly string[], row: number): string {
  return column[row] ?? '';
}
