/** The ages, in milliseconds, up to which a snapshot is `fresh`, `stale` and `degraded`. */
export type FreshnessLimits = { readonly freshMs: number; readonly staleMs: number; readonly degradedMs: number };

export const freshnessStates = ['fresh', 'stale', 'degraded', 'expired'] as const;

export type FreshnessState = (typeof freshnessStates)[number];

/** The state of a snapshot by its age. It only gets worse with time; a clock set back makes it no worse. */
export function getFreshness(fetchedAt: number, now: number, limits: FreshnessLimits): FreshnessState {
  const ageMs = now - fetchedAt;
  if (ageMs < limits.freshMs) return 'fresh';
  if (ageMs < limits.staleMs) return 'stale';
  if (ageMs < limits.degradedMs) return 'degraded';
  return 'expired';
}
