import type { Health } from '../contract/health-schema.ts';
import { getFreshness } from '../snapshot/freshness.ts';
import type { FreshnessLimits } from '../snapshot/freshness.ts';
import { getTokenAgeDays } from '../snapshot/pointer.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';

/** A refresh token lives for 90 days (Entra); the first warning leaves a month. */
const tokenWarningDays = 60;

/** The body of `GET /api/health/live`. */
export const liveness = { status: 'pass' } as const;

export type HealthLimits = FreshnessLimits & { readonly refreshIntervalMs: number };

/** What the pointer says about the service's health at `now`. */
export function assessHealth(pointer: SnapshotPointer, now: number, limits: HealthLimits): Health {
  const { snapshot: info, failure, refreshTokenIssuedAt } = pointer;
  const snapshot = info && {
    period: info.period,
    fetchedAt: toIso(info.fetchedAt),
    state: getFreshness(info.fetchedAt, now, limits),
    recordCount: info.recordCount,
    oddRecordCount: info.oddRecordCount ?? 0,
  };
  const ageDays = getTokenAgeDays(pointer, now);
  const warnings: Health['warnings'] = [];
  if (info !== null && now - info.fetchedAt > 2 * limits.refreshIntervalMs) warnings.push('data-old');
  if (ageDays !== undefined && ageDays >= tokenWarningDays) warnings.push('token-old');
  if (failure !== null) warnings.push('refresh-failed');
  if (snapshot !== null && snapshot.oddRecordCount > 0) warnings.push('odd-records');
  const isUnusable = snapshot === null || snapshot.state === 'expired';
  return {
    status: isUnusable ? 'fail' : warnings.length > 0 ? 'warn' : 'pass',
    warnings,
    snapshot,
    lastFailure: failure && {
      code: failure.code,
      count: failure.count,
      at: toIso(failure.at),
      notBefore: failure.refreshTokenVersion === null ? toIso(failure.notBefore) : null,
      upstreamCode: failure.upstreamCode,
      cure: failure.cure,
      detail: failure.detail,
    },
    refreshToken:
      refreshTokenIssuedAt === null || ageDays === undefined
        ? null
        : { issuedAt: toIso(refreshTokenIssuedAt), ageDays },
  };
}

function toIso(instant: number): string {
  return new Date(instant).toISOString();
}
