import type { OrderStep } from './orderby.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/** Four bytes a row each: 3 MB at 100 000 rows. */
const mostOrders = 8;

/**
 * Whole orders of snapshots: a portal asks for the same few again and again, and every page of a sorted walk needs the order of all.
 * A snapshot never changes, so neither does its order, and both are forgotten together.
 */
const kept = new WeakMap<UsageSnapshot, Map<string, Uint32Array>>();

/** Every row of the snapshot in this order: the kept one, else what `make` makes, which is kept in its turn. */
export function keptOrderOf(
  snapshot: UsageSnapshot,
  steps: readonly OrderStep[],
  make: (() => Uint32Array) | undefined,
): Uint32Array | undefined {
  const orders = kept.get(snapshot) ?? new Map<string, Uint32Array>();
  kept.set(snapshot, orders);
  const name = JSON.stringify(steps);
  const order = orders.get(name) ?? make?.();
  if (order === undefined) return undefined;
  // Used last, forgotten last.
  orders.delete(name);
  orders.set(name, order);
  for (const oldest of orders.keys()) {
    if (orders.size <= mostOrders) break;
    orders.delete(oldest);
  }
  return order;
}
