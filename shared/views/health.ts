import type { Health } from '../contract/health-schema.ts';
import { getFreshness } from '../snapshot/freshness.ts';
import type { FreshnessLimits } from '../snapshot/freshness.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';

const dayMs = 24 * 3_600_000;
/** A refresh token lives for 90 days (Entra); the first warning leaves a month. */
const tokenWarningDays = 60;

/** The body of `GET /api/health/live`. */
export const liveness = { status: 'pass' } as const;

export type HealthLimits = FreshnessLimits & { readonly refreshIntervalMs: number };

/** What the pointer says about the service's health at `now`. */
export function assessHealth(pointer: SnapshotPointer, now: number, limits: HealthLimits): Health {
  const { snapshot, failure, refreshTokenIssuedAt } = pointer;
  const state = snapshot === null ? undefined : getFreshness(snapshot.fetchedAt, now, limits);
  const ageDays = getTokenAgeDays(pointer, now);
  const warnings: Health['warnings'] = [];
  if (snapshot !== null && now - snapshot.fetchedAt > 2 * limits.refreshIntervalMs) warnings.push('data-old');
  if (ageDays !== undefined && ageDays >= tokenWarningDays) warnings.push('token-old');
  if (failure !== null) warnings.push('refresh-failed');
  const oddRecordCount = snapshot?.oddRecordCount ?? 0;
  if (oddRecordCount > 0) warnings.push('odd-records');
  const isUnusable = state === undefined || state === 'expired';
  return {
    status: isUnusable ? 'fail' : warnings.length > 0 ? 'warn' : 'pass',
    warnings,
    snapshot:
      snapshot === null || state === undefined
        ? null
        : {
            period: snapshot.period,
            fetchedAt: toIso(snapshot.fetchedAt),
            state,
            recordCount: snapshot.recordCount,
            oddRecordCount,
          },
    lastFailure:
      failure === null
        ? null
        : {
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

/** Whole days since the stored refresh token was issued; it dies on day 90. */
export function getTokenAgeDays({ refreshTokenIssuedAt }: SnapshotPointer, now: number): number | undefined {
  return refreshTokenIssuedAt === null ? undefined : Math.floor((now - refreshTokenIssuedAt) / dayMs);
}

function toIso(instant: number): string {
  return new Date(instant).toISOString();
}
