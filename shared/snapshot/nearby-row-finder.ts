/** Search distance in rows, and the longer one used after many misses, when a block of rows has come or gone. */
const nearRows = 8;
const farRows = 2000;
/** Misses after which one search uses the longer distance. */
const missesBeforeFarSearch = 64;

/**
 * Finds rows in an earlier list by their place, for rows that are asked for in order: a list keeps its order while rows come and go.
 * Returns -1 for a row that is new, or that has moved too far.
 */
export function createNearbyRowFinder(
  earlierCount: number,
  isSame: (row: number, earlierRow: number) => boolean,
): (row: number) => number {
  let shift = 0;
  let misses = 0;

  function isAt(row: number, place: number): boolean {
    return place >= 0 && place < earlierCount && isSame(row, place);
  }

  function search(row: number, reach: number): number {
    const place = row + shift;
    for (let distance = 1; distance <= reach; distance += 1) {
      if (isAt(row, place + distance)) return place + distance;
      if (isAt(row, place - distance)) return place - distance;
    }
    return -1;
  }

  return (row) => {
    if (isAt(row, row + shift)) {
      misses = 0;
      return row + shift;
    }
    misses += 1;
    const found = search(row, misses % missesBeforeFarSearch === 0 ? farRows : nearRows);
    if (found >= 0) {
      shift = found - row;
      misses = 0;
    }
    return found;
  };
}
