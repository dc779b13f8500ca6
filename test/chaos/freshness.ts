const minute = 60_000;
const hour = 60 * minute;

/** docs/guide/age-and-state.md */
const states = [
  { state: 'fresh', belowMs: 90 * minute },
  { state: 'stale', belowMs: 24 * hour },
  { state: 'degraded', belowMs: 7 * 24 * hour },
] as const;

/** A snapshot of this age is not served. */
export const expiredAfterMs = 7 * 24 * hour;

/** The state of a snapshot of this age. */
export function findState(ageMs: number): string {
  return states.find(({ belowMs }) => ageMs < belowMs)?.state ?? 'expired';
}
