/** One piece of work to time. */
export type Candidate = {
  readonly name: string;
  /** Greatest allowed share of the unit's time (design.md 12). */
  readonly limit?: number | undefined;
  readonly run: () => unknown;
  /** How often a round runs it, so that work too short for the clock gets its mean; 1 unless said. */
  readonly times?: number;
};

/** A candidate's median time in milliseconds, and the median of its share of the unit's time in the same round. */
export type Result = Omit<Candidate, 'run' | 'times'> & { readonly medianMs: number; readonly ratio: number };

/**
 * Runs all candidates in turn, round after round, so that a slow moment of the machine touches them alike. The first candidate
 * is the unit.
 */
export async function measure(candidates: readonly Candidate[], rounds: number): Promise<Result[]> {
  const times = candidates.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { run, times: repeats = 1 }] of candidates.entries()) {
      const start = performance.now();
      for (let done = 0; done < repeats; done += 1) await run();
      // The first round warms up.
      if (round >= 0) times[index]?.push((performance.now() - start) / repeats);
    }
  }
  const units = times[0] ?? [];
  return candidates.map(({ name, limit }, index) => {
    const own = times[index] ?? [];
    const ratios = own.map((time, round) => time / (units[round] ?? Number.NaN));
    return { name, limit, medianMs: medianOf(own), ratio: medianOf(ratios) };
  });
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
