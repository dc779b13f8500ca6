import { numberAt } from '../snapshot/columns.ts';

/** The name most like `text`, letter case aside; `undefined` when more than half of it would have to change. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  const wanted = text.toLowerCase();
  const ranked = names
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .toSorted((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best !== undefined && best.distance * 2 <= best.name.length ? best.name : undefined;
}

/** Levenshtein distance: letters to insert, drop or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = numberAt(previous, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, numberAt(previous, column) + 1, numberAt(current, column - 1) + 1));
    }
    previous = current;
  }
  return numberAt(previous, to.length);
}
