import { pointerVersion } from '../snapshot/pointer.ts';
import type { SnapshotPointer } from '../snapshot/pointer.ts';

/** Who asks for a refresh: the timer, a reader that found nothing usable, or a caller that wants one now. */
export type RefreshTrigger = 'timer' | 'reader' | 'caller';

/** Why no refresh starts, as `why` of `refresh.skipped`; the meanings are for the documents, and the app does not load them. */
export const skipMeanings = {
  'not-due': 'The last success is younger than `USAGE_REFRESH_INTERVAL_MINUTES`.',
  recent: 'The last success is less than 5 minutes old; nobody may refresh sooner.',
  'backing-off': 'The last attempt failed, and its wait is not over.',
  'waiting-for-token': 'The refresh token was refused, and the secret has no new version yet.',
  'lease-held': 'Another process is refreshing.',
  'newer-pointer': 'A newer release of this service keeps the pointer.',
} as const;

export type SkipReason = keyof typeof skipMeanings;

export type DueCheck =
  | { readonly due: true; readonly ifTokenIsNot?: string }
  | { readonly due: false; readonly why: SkipReason; readonly retryAfterMs: number };

/** At most one success in this time, whoever asks. */
const quietMs = 5 * 60_000;
/** The clocks of two instances may differ by this much without either having been set back. */
const skewMs = 60_000;

/** Whether a refresh may start now, by the pointer alone. `ifTokenIsNot` names the refresh-token version known to be refused. */
export function checkDue(pointer: SnapshotPointer, trigger: RefreshTrigger, now: number, intervalMs: number): DueCheck {
  if (pointer.schemaVersion > pointerVersion) return { due: false, why: 'newer-pointer', retryAfterMs: quietMs };
  const { failure, snapshot } = pointer;
  if (failure !== null) {
    const refusedVersion = failure.refreshTokenVersion;
    if (refusedVersion !== null) return { due: true, ifTokenIsNot: refusedVersion };
    const isOver = failure.notBefore <= now || wasSetBack(failure.at, now);
    return isOver ? { due: true } : { due: false, why: 'backing-off', retryAfterMs: failure.notBefore - now };
  }
  if (snapshot === null || wasSetBack(snapshot.fetchedAt, now)) return { due: true };
  const sinceSuccessMs = now - snapshot.fetchedAt;
  if (sinceSuccessMs < quietMs) return { due: false, why: 'recent', retryAfterMs: quietMs - sinceSuccessMs };
  if (trigger === 'timer' && sinceSuccessMs < intervalMs) {
    return { due: false, why: 'not-due', retryAfterMs: intervalMs - sinceSuccessMs };
  }
  return { due: true };
}

/** Whether the clock was set back since `earlier`, which must not put refreshing off for as long as it was set back. */
function wasSetBack(earlier: number, now: number): boolean {
  return earlier - now > skewMs;
}
