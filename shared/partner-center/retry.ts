import type { Random } from '../clock.ts';

/** Tries after the first one. */
export const maxRetries = 3;

const dayMs = 86_400_000;

/** Milliseconds before try `attempt + 1`: what the server asked for plus up to a second of spread, else full jitter. */
export function backoffMs(attempt: number, retryAfterMs: number | undefined, random: Random): number {
  if (retryAfterMs !== undefined) return retryAfterMs + Math.floor(random() * 1_000);
  return Math.floor(random() * Math.min(30_000, 500 * 2 ** (attempt - 1)));
}

/**
 * Milliseconds a `Retry-After` header asks to wait (RFC 9110, 10.2.3: seconds or an HTTP-date); a past date is 0, anything
 * unreadable `undefined`, and more than a day counts as a day, so that one bad header cannot stop the service for a year.
 */
export function parseRetryAfterMs(header: string | readonly string[] | undefined, now: number): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim();
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, dayMs);
  const at = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), dayMs);
}
