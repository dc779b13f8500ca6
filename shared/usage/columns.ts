import { fold } from './fold.ts';
import { customerIdOf, findOddMembers, isObject, numberOrNaN, parseInstant, textOrNone } from './record.ts';
import type { DocumentedMember, UsageRecord } from './record.ts';

/**
 * What filters and orders look at, one entry a row. `NaN` means "this row has none", or that its figure cannot be read:
 * `oddMembers` tells which.
 */
export type UsageColumns = {
  /** Lower case. */
  readonly customerIds: readonly string[];
  /** As upstream wrote them; `''` when there is none. */
  readonly customerNames: readonly string[];
  /** For search and ordering: NFKC and case-folded. */
  readonly foldedNames: readonly string[];
  /** 1: Azure plan, 0: legacy, 2: cannot be read. */
  readonly isUpgraded: Uint8Array;
  readonly percentUsed: Float64Array;
  readonly budgetAmount: Float64Array;
  readonly totalCost: Float64Array;
  /** NaN on legacy rows too, whose 0 means "unknown". */
  readonly usdTotalCost: Float64Array;
  /** Epoch milliseconds. */
  readonly lastModified: Float64Array;
  /** Position in `currencies`; -1 for a row without a code, -2 where it cannot be read. */
  readonly currency: Int32Array;
  readonly currencies: readonly string[];
  /** The members that are not of the documented type, by row; most lists have none. */
  readonly oddMembers: ReadonlyMap<number, readonly DocumentedMember[]>;
};

export type ColumnsBuilder = {
  add(record: UsageRecord): void;
  build(): UsageColumns;
};

/** Collects the columns of records in the order they come. */
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

  const oddMembers = new Map<number, readonly DocumentedMember[]>();

  function currencyIndex(currencyCode: unknown): number {
    if (currencyCode === undefined || currencyCode === null || currencyCode === '') return -1;
    if (typeof currencyCode !== 'string') return -2;
    const known = currencies.get(currencyCode);
    if (known !== undefined) return known;
    currencies.set(currencyCode, currencies.size);
    return currencies.size - 1;
  }

  /** Rows of one batch at Partner Center bear the same stamp, and reading one costs as much as the rest of a row. */
  function instantOnce(text: string): number {
    const known = instants.get(text);
    if (known !== undefined) return known;
    const instant = parseInstant(text);
    instants.set(text, instant);
    return instant;
  }

  return {
    add(record) {
      const instant = instantOnce(textOrNone(record['lastModifiedDate']));
      const tested = findOddMembers(record);
      const odd = Number.isNaN(instant) ? [...tested, 'lastModifiedDate' as const] : tested;
      if (odd.length > 0) oddMembers.set(customerIds.length, odd);
      const { budget, isUpgraded: kind } = record;
      const name = textOrNone(record['resourceName'] ?? record['name']);
      const folded = fold(name);
      customerIds.push(customerIdOf(record).toLowerCase());
      customerNames.push(name);
      foldedNames.push(folded === name ? name : folded);
      isUpgraded.push(typeof kind === 'boolean' ? Number(kind) : 2);
      percentUsed.push(numberOrNaN(record['percentUsed']));
      budgetAmount.push(isObject(budget) ? numberOrNaN(budget['amount']) : Number.NaN);
      totalCost.push(numberOrNaN(record['totalCost']));
      usdTotalCost.push(kind === true ? numberOrNaN(record['usdTotalCost']) : Number.NaN);
      lastModified.push(instant);
      currency.push(currencyIndex(record['currencyCode']));
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
      oddMembers,
    }),
  };
}

/** Whether what a row says in one of these members cannot be read. */
export function isUnreadable(
  { oddMembers }: Pick<UsageColumns, 'oddMembers'>,
  row: number,
  ...members: readonly DocumentedMember[]
): boolean {
  return oddMembers.size > 0 && members.some((member) => oddMembers.get(row)?.includes(member));
}

/** The figure of a row; NaN where the column ends. */
export function numberAt(column: ArrayLike<number>, row: number): number {
  return column[row] ?? Number.NaN;
}

/** The text of a row; `''` where the column ends. */
export function textAt(column: readonly string[], row: number): string {
  return column[row] ?? '';
}
