import type { OperationContext } from '../context.ts';
import type { Clock, Random } from '../clock.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';
import type { RefreshTokenStatus } from '../ports.ts';

/** Who asks for a refresh: the timer, a reader that found nothing usable, or a caller that wants one now. */
export type RefreshTrigger = 'timer' | 'reader' | 'caller';

/** The values of `why` in `refresh.skipped`, with their meanings. Only the documents use the meanings. */
export const skipMeanings = {
  'not-due': 'The last success is younger than `USAGE_REFRESH_INTERVAL_MINUTES`.',
  recent: 'The last success is less than 5 minutes old. Nothing can start a refresh sooner.',
  'backing-off': 'The last attempt failed, and the wait after it is not over.',
  'waiting-for-token': 'Entra refused the refresh token, and the secret has no new version yet.',
  'lease-held': 'Another process is refreshing.',
  'newer-pointer': 'A newer release of this service owns the pointer.',
} as const;

type SkipReason = keyof typeof skipMeanings;

/** A refresh that did not start; `retryAfterMs` says when it may. */
export type Skipped = { readonly kind: 'skipped'; readonly why: SkipReason; readonly retryAfterMs: number };

/** Why no refresh may start now; `undefined` when one may. Throws DependencyError `SecretsUnavailable`. */
export type FindSkipReason = (
  pointer: SnapshotPointer,
  trigger: RefreshTrigger,
  context: OperationContext,
) => Promise<Skipped | undefined>;

export type SkipCheckDeps = {
  readonly tokens: RefreshTokenStatus;
  readonly clock: Clock;
  readonly intervalMs: number;
};

/** Decides by the pointer, and asks Key Vault only when the last failure waits for a new refresh token. */
export function createSkipCheck({ tokens, clock, intervalMs }: SkipCheckDeps): FindSkipReason {
  const isStillRefused = createRefusedTokenCheck(tokens, clock);

  return async function findSkipReason(pointer, trigger, context) {
    const notDue = checkDue(pointer, trigger, clock(), intervalMs);
    if (notDue !== undefined) return notDue;
    const refusedVersion = pointer.failure?.refreshTokenVersion;
    if (typeof refusedVersion !== 'string') return undefined;
    if (!(await isStillRefused(refusedVersion, trigger, context))) return undefined;
    return skip('waiting-for-token', intervalMs);
  };
}

const minute = 60_000;
/** At most one success in this time, whoever asks. */
const quietMs = 5 * minute;
/** A smaller difference between the clocks of two instances does not mean that one was set back. */
const skewMs = minute;

/** Why no refresh may start now, by the pointer alone; `undefined` when one may, or when its failure waits for a new refresh token. */
export function checkDue(
  pointer: SnapshotPointer,
  trigger: RefreshTrigger,
  now: number,
  intervalMs: number,
): Skipped | undefined {
  if (pointer.schemaVersion > pointerVersion) return skip('newer-pointer', quietMs);
  const { failure, snapshot } = pointer;
  if (failure !== null) {
    const isOver = failure.refreshTokenVersion !== null || failure.notBefore <= now || wasSetBack(failure.at, now);
    return isOver ? undefined : skip('backing-off', failure.notBefore - now);
  }
  if (snapshot === null || wasSetBack(snapshot.fetchedAt, now)) return undefined;
  const sinceSuccessMs = now - snapshot.fetchedAt;
  if (sinceSuccessMs < quietMs) return skip('recent', quietMs - sinceSuccessMs);
  if (trigger === 'timer' && sinceSuccessMs < intervalMs) return skip('not-due', intervalMs - sinceSuccessMs);
  return undefined;
}

function skip(why: SkipReason, retryAfterMs: number): Skipped {
  return { kind: 'skipped', why, retryAfterMs };
}

/** Whether the clock was set back since `earlier`. If so, a stored time must not delay the next refresh. */
function wasSetBack(earlier: number, now: number): boolean {
  return earlier - now > skewMs;
}

/** Creates a check that asks Key Vault; for readers at most once a minute, because every read asks while the data is expired. */
function createRefusedTokenCheck(tokens: RefreshTokenStatus, clock: Clock) {
  let seen = { version: '', at: 0 };

  /** Whether the stored refresh token is still the version known to be refused. Throws DependencyError `SecretsUnavailable`. */
  return async function isStillRefused(
    version: string,
    trigger: RefreshTrigger,
    context: OperationContext,
  ): Promise<boolean> {
    const ageMs = clock() - seen.at;
    if (trigger === 'reader' && seen.version === version && ageMs >= 0 && ageMs < minute) return true;
    const stored = await tokens.reread(context);
    seen = { version: stored.version, at: clock() };
    return stored.version === version;
  };
}

const backoffStepsMs = [1 * minute, 2 * minute, 5 * minute, 15 * minute, 30 * minute];
const longestBackoffMs = 30 * minute;

/**
 * Milliseconds before the next attempt after `count` failures in a row: 1, 2, 5, 15, then 30 minutes, each up to a tenth
 * shorter to spread instances and tenants, and never less than `retryAfterMs`.
 */
export function calculateBackoff(count: number, retryAfterMs: number | undefined, random: Random): number {
  const step = backoffStepsMs[count - 1] ?? longestBackoffMs;
  return Math.max(Math.round(step * (1 - random() / 10)), retryAfterMs ?? 0);
}
