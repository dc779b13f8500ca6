export type Sample = { readonly at: number; readonly value: number };

/** The slope of the line that fits the samples best (least squares), in units of `value` for each unit of `at`. */
export function calculateSlope(samples: readonly Sample[]): number {
  const [meanAt, meanValue] = [mean(samples.map(({ at }) => at)), mean(samples.map(({ value }) => value))];
  const covariance = mean(samples.map(({ at, value }) => (at - meanAt) * (value - meanValue)));
  return covariance / mean(samples.map(({ at }) => (at - meanAt) ** 2));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
