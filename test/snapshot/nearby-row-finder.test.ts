import { describe, expect, it } from 'vitest';
import { createNearbyRowFinder } from '../../shared/snapshot/nearby-row-finder.ts';

const earlier = Array.from({ length: 5000 }, (_, number) => `row ${number}`);

function findAll(rows: readonly string[]): number[] {
  const find = createNearbyRowFinder(earlier.length, (row, earlierRow) => rows[row] === earlier[earlierRow]);
  return rows.map((_, row) => find(row));
}

/** The rows that were found, by their text: nothing else may be found in their place. */
function findTexts(rows: readonly string[]): (string | undefined)[] {
  return findAll(rows).map((place) => (place < 0 ? undefined : earlier[place]));
}

describe('createNearbyRowFinder', () => {
  it('finds every row of an equal list', () => {
    expect(findTexts(earlier)).toStrictEqual(earlier);
  });

  it('finds the rest where single rows have come and gone', () => {
    const rows = ['new', ...earlier.slice(0, 3), ...earlier.slice(4, 9), 'new', 'new', ...earlier.slice(9)];
    expect(findTexts(rows)).toStrictEqual(rows.map((row) => (row === 'new' ? undefined : row)));
  });

  it('finds most rows behind a block that has gone', () => {
    const found = findTexts(earlier.slice(1000));
    expect(found.slice(64)).toStrictEqual(earlier.slice(1064));
  });

  it('finds most rows behind a block that has come', () => {
    const found = findTexts([...Array.from({ length: 1000 }, () => 'new'), ...earlier]);
    expect(found.slice(0, 1000).every((text) => text === undefined)).toBe(true);
    expect(found.slice(1064)).toStrictEqual(earlier.slice(64));
  });

  it('finds nothing that is not there', () => {
    expect(new Set(findAll(['', 'a', 'row', 'row 5000']))).toStrictEqual(new Set([-1]));
  });
});
