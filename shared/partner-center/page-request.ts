import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import type { OperationContext } from '../context.ts';
import { readApiRefusal } from './partner-center-errors.ts';
import { exchangeStreamed } from './http.ts';
import type { BodyReader, HttpAnswer, StreamedAnswer } from './http.ts';
import { waitBeforeRetry } from './retry.ts';
import type { RetryContext, RetryDeps } from './retry.ts';
import type { PartnerCenterTokens } from './token.ts';
import { HttpFailure, createExchangeRefusal } from './upstream-failure.ts';
import type { UpstreamRefusal } from './upstream-failure.ts';

export type PageRequestDeps = RetryDeps & {
  readonly dispatcher: Dispatcher;
  readonly tokens: Pick<PartnerCenterTokens, 'get' | 'drop'>;
  /** Limit of one HTTP exchange, body included. */
  readonly attemptTimeoutMs: number;
};

/** Where a page is, with the headers that its link asks for. */
export type PageAddress = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

type PageRequest = PageAddress & { readonly maxBytes: number; readonly reader: BodyReader };

/**
 * Gets one page, which goes to its reader while it arrives. Retries transient failures, and renews the access token once when Partner Center refuses it.
 * Throws a DependencyError.
 */
export async function requestPage(
  deps: PageRequestDeps,
  page: PageRequest,
  context: RetryContext,
): Promise<StreamedAnswer> {
  let requestId = randomUUID();
  let isTokenRenewed = false;
  for (let tried = 1; ;) {
    const token = await deps.tokens.get(context);
    const outcome = await sendPageRequest(deps, page, { token, requestId }, context);
    if (!(outcome instanceof HttpFailure) && !('status' in outcome)) return outcome;
    if (!needsSameRequestId(outcome)) requestId = randomUUID();
    // Drop a refused token even if the next one is refused too, so that it is not reused once the cause is fixed.
    if (!(outcome instanceof HttpFailure) && [401, 403].includes(outcome.status)) deps.tokens.drop(token);
    const refusal = readPageRefusal(outcome, deps.clock());
    if (refusal.retry === 'with-new-token' && !isTokenRenewed) {
      isTokenRenewed = true;
    } else {
      await waitBeforeRetry(deps, refusal, tried, context);
      tried += 1;
    }
  }
}

/** Sends the request for a page once; headers of its own replace those of the page. */
export async function sendPageRequest(
  { dispatcher, attemptTimeoutMs: timeoutMs }: Pick<PageRequestDeps, 'dispatcher' | 'attemptTimeoutMs'>,
  { url, headers, maxBytes, reader }: PageRequest,
  { token, requestId }: { readonly token: string; readonly requestId: string },
  { signal, correlationId }: OperationContext,
): Promise<StreamedAnswer | HttpAnswer | HttpFailure> {
  const ownHeaders = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    'ms-requestid': requestId,
    'ms-correlationid': correlationId,
    'ms-partnercenter-application': 'partner-usage-api',
    'x-locale': 'en-US',
  };
  const request = { method: 'GET', url, headers: { ...headers, ...ownHeaders }, signal, timeoutMs, maxBytes } as const;
  return await exchangeStreamed(dispatcher, request, reader);
}

/** Partner Center docs, "Headers": the same id only when a call timed out without an answer. */
function needsSameRequestId(outcome: HttpAnswer | HttpFailure): boolean {
  return outcome instanceof HttpFailure && outcome.kind === 'timeout' && !outcome.answered;
}

/** What an outcome other than 200 means. */
export function readPageRefusal(outcome: HttpAnswer | HttpFailure, now: number): UpstreamRefusal {
  return outcome instanceof HttpFailure
    ? createExchangeRefusal(outcome, 'Partner Center')
    : readApiRefusal(outcome, now);
}
