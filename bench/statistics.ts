/** The median of some rounds with the lowest and the highest of them. */
export type Spread = { readonly median: number; readonly low: number; readonly high: number };

/** Summarizes one figure a round; throws RangeError without rounds. */
export function summarize(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted.at(0), sorted.at(-1)];
  if (low === undefined || high === undefined) throw new RangeError('no round was measured');
  const upper = sorted[Math.floor(sorted.length / 2)] ?? low;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? high;
  return { median: (lower + upper) / 2, low, high };
}

/** Divides each round's figure by the baseline's of the same round: a slow moment of the machine touches both. */
export function divideRounds(values: readonly number[], baseline: readonly number[]): number[] {
  return values.map((value, round) => value / (baseline[round] ?? Number.NaN));
}

/**
 * Runs all work in turn, round after round; a first round that warms up is not counted unless every piece of work starts from
 * cold. The figures are by name, one a round.
 */
export async function runInterleaved<T>(
  work: Readonly<Record<string, () => Promise<T>>>,
  rounds: number,
  { isCold = false } = {},
): Promise<Readonly<Record<string, T[]>>> {
  const figures: Record<string, T[]> = Object.fromEntries(Object.keys(work).map((name) => [name, []]));
  const first = isCold || rounds === 1 ? 0 : -1;
  for (let round = first; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(work)) {
      const figure = await run();
      if (round >= 0) figures[name]?.push(figure);
    }
  }
  return figures;
}
