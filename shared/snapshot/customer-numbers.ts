import type { ChunkedWork } from '../turns.ts';

/** Numbering this many rows takes a few milliseconds. */
const rowsPerTurn = 10_000;

/** The same number for rows with the same customer id, below the number of rows. */
export function* numberCustomers(customerIds: readonly string[]): ChunkedWork<Uint32Array> {
  const numbers = new Uint32Array(customerIds.length);
  const known = new Map<string, number>();
  for (const [row, id] of customerIds.entries()) {
    if (row % rowsPerTurn === rowsPerTurn - 1) yield;
    numbers[row] = getOrAdd(known, id);
  }
  return numbers;
}

/** The rows of an earlier list with the same customers, -1 for a row that was not found there, and the numbers that they have there. */
export type EarlierNumbers = { readonly places: Int32Array; readonly numbers: Uint32Array };

/** Above this share of new rows everything is numbered anew. */
const mostlyNew = 0.25;

/** The same with a tenth of the work: only ids of new rows are looked up. */
export function* renumberCustomers(
  customerIds: readonly string[],
  { places, numbers: earlierNumbers }: EarlierNumbers,
): ChunkedWork<Uint32Array> {
  const added = new Map<string, number>();
  for (const [row, id] of customerIds.entries()) if (Number(places[row]) < 0) added.set(id, -1);
  if (added.size > customerIds.length * mostlyNew) return yield* numberCustomers(customerIds);
  yield;
  const renumbered = new Int32Array(earlierNumbers.length).fill(-1);
  const numbers = new Uint32Array(customerIds.length);
  let count = 0;
  for (const [row, place] of places.entries()) {
    if (place < 0) continue;
    const earlier = Number(earlierNumbers[place]);
    const number = Number(renumbered[earlier]);
    numbers[row] = number < 0 ? count++ : number;
    renumbered[earlier] = numbers[row];
  }
  yield;
  // A new row may be the second one of a customer.
  if (added.size > 0) {
    for (const [row, id] of customerIds.entries()) {
      if (Number(places[row]) >= 0 && added.has(id)) added.set(id, Number(numbers[row]));
    }
  }
  for (const [row, id] of customerIds.entries()) {
    if (Number(places[row]) >= 0) continue;
    const number = Number(added.get(id));
    numbers[row] = number < 0 ? count++ : number;
    added.set(id, numbers[row]);
  }
  return numbers;
}

function getOrAdd(known: Map<string, number>, id: string): number {
  const number = known.get(id) ?? known.size;
  known.set(id, number);
  return number;
}
