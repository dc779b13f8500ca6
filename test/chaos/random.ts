import { createRoll } from '../support/rigs/event-poller.ts';

/** Decisions out of a seed, the same ones for the same seed and purpose. */
export function createRandom(seed: number, purpose: number) {
  // Neighbouring seeds of a linear generator begin alike.
  const roll = createRoll(Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(purpose + 1, 0x85eb_ca6b));
  for (let warmUp = 0; warmUp < 10; warmUp += 1) roll();

  /** A whole number from `least` to `most`. */
  const between = (least: number, most: number) => least + Math.floor(roll() * (most - least + 1));

  function pick<T>(choices: readonly T[]): T {
    const choice = choices[between(0, choices.length - 1)];
    if (choice === undefined) throw new RangeError('nothing to pick from');
    return choice;
  }

  return {
    roll,
    between,
    pick,
    chance: (share: number) => roll() < share,
    shuffle<T>(items: readonly T[]): T[] {
      return items
        .map((item) => ({ item, at: roll() }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ item }) => item);
    },
  };
}

export type Random = ReturnType<typeof createRandom>;
