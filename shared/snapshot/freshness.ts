/** How long a snapshot counts as what, in milliseconds since it was fetched. */
export type FreshnessLimits = { readonly freshMs: number; readonly staleMs: number; readonly degradedMs: number };

export const freshnessStates = ['fresh', 'stale', 'degraded', 'expired'] as const;

export type FreshnessState = (typeof freshnessStates)[number];

/** What its age makes of a snapshot; only ever gets worse with time, and a clock set back makes it no worse. */
export function getFreshness(fetchedAt: number, now: number, limits: FreshnessLimits): FreshnessState {
  const ageMs = now - fetchedAt;
  if (ageMs < limits.freshMs) return 'fresh';
  if (ageMs < limits.staleMs) return 'stale';
  if (ageMs < limits.degradedMs) return 'degraded';
  return 'expired';
}
