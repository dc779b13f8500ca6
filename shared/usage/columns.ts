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

  function currencyOf({ currencyCode }: CustomerMonthlyUsageRecord): number {
    if (currencyCode === undefined || currencyCode === null || currencyCode === '') return -1;
    const known = currencies.get(currencyCode);
    if (known !== undefined) return known;
    currencies.set(currencyCode, currencies.size);
    return currencies.size - 1;
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
      lastModified.push(instantOf(record.lastModifiedDate));
      currency.push(currencyOf(record));
    },
    build: () => ({
      customerIds,
      customerNames,
      foldedNames,
      isUpgraded: Uint8Array.from(isUpgraded),
      percentUsed: Float64Array.from(percentUsed),
      budgetAmount: Float64Array.from(budgetAmount),
      totalCost: Float64Array.from(totalCost),
      usdTotalCost: Float64Array.from(usdTotalCost),
      lastModified: Float64Array.from(lastModified),
      currency: Int32Array.from(currency),
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
