import type { FailureCode } from '../errors.ts';
import { getFreshness } from '../snapshot/freshness.ts';
import type { FreshnessLimits, FreshnessState } from '../snapshot/freshness.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';

const dayMs = 24 * 3_600_000;
/** A refresh token lives for 90 days (Entra); the first warning leaves a month. */
const tokenWarningDays = 60;

export type HealthLimits = FreshnessLimits & { readonly refreshIntervalMs: number };

type HealthWarning = 'data-old' | 'token-old' | 'refresh-failed' | 'odd-records';

/** The state of the service as the operator needs it; instants are RFC 3339. */
export type Health = {
  /** `pass`; `warn`: look soon; `fail`: nothing usable can be served. */
  readonly status: 'pass' | 'warn' | 'fail';
  readonly warnings: readonly HealthWarning[];
  readonly snapshot: {
    readonly period: string;
    readonly fetchedAt: string;
    readonly state: FreshnessState;
    readonly recordCount: number;
    readonly oddRecordCount: number;
  } | null;
  readonly lastFailure: {
    readonly code: FailureCode;
    readonly count: number;
    readonly at: string;
    /** No refresh starts before; `null`: none starts before the refresh-token secret has a new version. */
    readonly notBefore: string | null;
    /** The code of Partner Center or Entra, when one came. */
    readonly upstreamCode: string | null;
    /** What ends it, as in log lines. */
    readonly cure: string | null;
    /** Cause and cure in words. */
    readonly detail: string | null;
  } | null;
  readonly refreshToken: { readonly issuedAt: string; readonly ageDays: number } | null;
};

/** What the pointer says about the service's health at `now`. */
export function assessHealth(pointer: SnapshotPointer, now: number, limits: HealthLimits): Health {
  const { snapshot, failure, refreshTokenIssuedAt } = pointer;
  const state = snapshot === null ? undefined : getFreshness(snapshot.fetchedAt, now, limits);
  const ageDays = getTokenAgeDays(pointer, now);
  const warnings: HealthWarning[] = [];
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
            fetchedAt: isoOf(snapshot.fetchedAt),
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
            at: isoOf(failure.at),
            notBefore: failure.refreshTokenVersion === null ? isoOf(failure.notBefore) : null,
            upstreamCode: failure.upstreamCode,
            cure: failure.cure,
            detail: failure.detail,
          },
    refreshToken:
      refreshTokenIssuedAt === null || ageDays === undefined
        ? null
        : { issuedAt: isoOf(refreshTokenIssuedAt), ageDays },
  };
}

/** Whole days since the stored refresh token was issued; it dies on day 90. */
export function getTokenAgeDays({ refreshTokenIssuedAt }: SnapshotPointer, now: number): number | undefined {
  return refreshTokenIssuedAt === null ? undefined : Math.floor((now - refreshTokenIssuedAt) / dayMs);
}

function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}
