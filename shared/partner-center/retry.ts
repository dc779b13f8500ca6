import type { OperationContext } from '../context.ts';
import type { Clock, Random, Sleep } from '../clock.ts';
import { dayMs } from '../days.ts';
import { DependencyError } from '../errors.ts';
import type { UpstreamRefusal } from './upstream-failure.ts';

/** Tries after the first one. */
const maxRetries = 3;

export type RetryDeps = { readonly clock: Clock; readonly sleep: Sleep; readonly random: Random };

export type RetryContext = OperationContext & {
  /** Names the work in log lines. */
  readonly operation: 'usagerecords' | 'token';
  /** Epoch milliseconds; no wait ends later. */
  readonly deadlineAt: number;
};

/**
 * Waits before the next try after try number `tried` was refused, and logs `upstream.retried`. Throws the failure when no further
 * try may help, or `UpstreamThrottled` at once when the other side asks for a wait beyond the deadline.
 */
export async function waitBeforeRetry(
  { clock, sleep, random }: RetryDeps,
  { failure, retry }: UpstreamRefusal,
  tried: number,
  context: RetryContext,
): Promise<void> {
  if (retry !== 'after-wait' || tried > maxRetries) throw failure;
  const waitMs = calculateRetryDelay(tried, failure.retryAfterMs, random);
  const { operation, correlationId, deadlineAt } = context;
  if (clock() + waitMs >= deadlineAt) throw toThrottled(failure);
  const { code, details } = failure;
  context.log('upstream.retried', { operation, code, tried, waitMs, correlationId, ...details });
  await sleep(waitMs, context.signal);
}

/** Milliseconds before try `tried + 1`: what the server asked for plus up to a second of spread, else full jitter. */
export function calculateRetryDelay(tried: number, retryAfterMs: number | undefined, random: Random): number {
  if (retryAfterMs !== undefined) return retryAfterMs + Math.floor(random() * 1_000);
  return Math.floor(random() * Math.min(30_000, 500 * 2 ** (tried - 1)));
}

/**
 * Milliseconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3: seconds or an HTTP-date); `undefined` when it is
 * unreadable. A past date is 0. More than a day counts as a day, so one bad header cannot stop the service for a year.
 */
export function parseRetryAfterMs(header: string | readonly string[] | undefined, now: number): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim();
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, dayMs);
  const at = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), dayMs);
}

function toThrottled(failure: DependencyError): DependencyError {
  if (failure.retryAfterMs === undefined || failure.code === 'UpstreamThrottled') return failure;
  return new DependencyError('UpstreamThrottled', 'asked to wait longer than the deadline allows', {
    cause: failure,
    retryAfterMs: failure.retryAfterMs,
    details: failure.details,
  });
}
