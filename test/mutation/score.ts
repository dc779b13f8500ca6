import type { Mutant } from './mutants.ts';

export type Verdict = 'killed' | 'timed out' | 'survived';
export type Tried = { readonly mutant: Mutant; readonly verdict: Verdict };

/** `count` of `items`, by chance; the same ones for the same seed. */
export function takeSample<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = createRandom(seed);
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat();
}

/** Mulberry32: numbers from 0 to 1 that depend on the seed alone. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A table of the scores by folder, in Markdown. A mutant that makes the tests hang counts as caught. */
export function formatScores(tried: readonly Tried[]): string {
  const byFolder = Object.groupBy(tried, ({ mutant }) => mutant.file.slice(0, mutant.file.lastIndexOf('/')));
  const rows = Object.entries(byFolder).map(([folder, some = []]) => formatRow(`\`${folder}/\``, some));
  const head = ['| Folder | Mutants | Caught | Score | 95% interval |', '| --- | --- | --- | --- | --- |'];
  return [...head, ...rows.toSorted(), formatRow('all', tried)].join('\n');
}

function formatRow(name: string, tried: readonly Tried[]): string {
  const caught = tried.filter(({ verdict }) => verdict !== 'survived').length;
  const [low, high] = calculateInterval(caught, tried.length);
  const score = formatPercent(caught / tried.length);
  return `| ${name} | ${tried.length} | ${caught} | ${score} | ${formatPercent(low)} to ${formatPercent(high)} |`;
}

/** Wilson's score interval of a share, at 95%. */
export function calculateInterval(caught: number, count: number): readonly [number, number] {
  const z = 1.96;
  const share = caught / count;
  const middle = share + z ** 2 / (2 * count);
  const spread = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const whole = 1 + z ** 2 / count;
  return [(middle - spread) / whole, (middle + spread) / whole];
}

function formatPercent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
