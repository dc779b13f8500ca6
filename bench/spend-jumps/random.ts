/** Random numbers of one seed. */
export type Random = {
  /** In [0, 1). */
  roll(): number;
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Normally distributed, around 0 with a standard deviation of 1. */
  normal(): number;
};

/** The same numbers for the same seed (SplitMix32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  function roll(): number {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  }
  return {
    roll,
    between: (least, most) => least + roll() * (most - least),
    chance: (probability) => roll() < probability,
    pick(choices) {
      const choice = choices[Math.floor(roll() * choices.length)];
      if (choice === undefined) throw new RangeError('nothing to pick from');
      return choice;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll()),
  };
}
