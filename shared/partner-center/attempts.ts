import type { OperationContext } from '../context.ts';
import type { Clock, Random, Sleep } from '../clock.ts';
import { DependencyError } from '../errors.ts';
import { backoffMs, maxRetries } from './retry.ts';
import type { Refusal } from './upstream-failure.ts';

/** What one try came to. */
export type Outcome<T> = { readonly value: T } | Refusal;

export type RetryDeps = { readonly clock: Clock; readonly sleep: Sleep; readonly random: Random };

export type RetryContext = OperationContext & {
  /** Names the work in log lines. */
  readonly operation: 'usagerecords' | 'token';
  /** Epoch milliseconds; no wait ends later. */
  readonly deadlineAt: number;
};

/**
 * Repeats `attempt` while a wait may help, at most 3 more times, logging `upstream.retried` before each wait.
 * Throws the last failure, or `UpstreamThrottled` at once when the other side asks for a wait beyond the deadline.
 */
export async function withRetries<T>(
  deps: RetryDeps,
  context: RetryContext,
  attempt: () => Promise<Outcome<T>>,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    const outcome = await attempt();
    if ('value' in outcome) return outcome.value;
    const { failure, retry } = outcome;
    if (retry !== 'after-wait' || tried > maxRetries) throw failure;
    const waitMs = backoffMs(tried, failure.retryAfterMs, deps.random);
    if (deps.clock() + waitMs >= context.deadlineAt) throw tooLateToWait(failure);
    const { operation, correlationId } = context;
    context.log('upstream.retried', {
      operation,
      code: failure.code,
      tried,
      waitMs,
      correlationId,
      ...failure.details,
    });
    await deps.sleep(waitMs, context.signal);
  }
}

function tooLateToWait(failure: DependencyError): DependencyError {
  if (failure.retryAfterMs === undefined || failure.code === 'UpstreamThrottled') return failure;
  return new DependencyError('UpstreamThrottled', 'asked to wait longer than the deadline allows', {
    cause: failure,
    retryAfterMs: failure.retryAfterMs,
    details: failure.details,
  });
}
