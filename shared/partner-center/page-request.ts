import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { readApiRefusal } from './api-errors.ts';
import { withRetries } from './attempts.ts';
import type { Outcome, RetryContext, RetryDeps } from './attempts.ts';
import { HttpFailure } from './http-failure.ts';
import { exchange } from './http.ts';
import type { HttpAnswer } from './http.ts';
import type { PartnerCenterTokens } from './token.ts';
import { createFailedExchange } from './upstream-failure.ts';

export type PageRequestDeps = RetryDeps & {
  readonly dispatcher: Dispatcher;
  readonly tokens: Pick<PartnerCenterTokens, 'get' | 'drop'>;
  /** Names this app to Partner Center's support. */
  readonly applicationName: string;
  /** Limit of one HTTP exchange, body included. */
  readonly attemptTimeoutMs: number;
};

/** Where a page is, with the headers its link asks for. */
export type PageAddress = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

type State = { requestId: string; renewed: boolean };

/**
 * GETs one page: retries what may pass, and renews the access token once when it is refused. The answer is a 200.
 * Throws a DependencyError.
 */
export async function requestPage(
  deps: PageRequestDeps,
  address: PageAddress,
  maxBytes: number,
  context: RetryContext,
): Promise<HttpAnswer> {
  const state: State = { requestId: randomUUID(), renewed: false };
  return await withRetries(deps, context, async () => await attempt(deps, address, maxBytes, context, state));
}

async function attempt(
  deps: PageRequestDeps,
  address: PageAddress,
  maxBytes: number,
  context: RetryContext,
  state: State,
): Promise<Outcome<HttpAnswer>> {
  const token = await deps.tokens.get(context);
  const headers = headersOf(address, token, state.requestId, context.correlationId, deps.applicationName);
  const { signal } = context;
  const call = {
    method: 'GET',
    url: address.url,
    headers,
    signal,
    timeoutMs: deps.attemptTimeoutMs,
    maxBytes,
  } as const;
  try {
    const answer = await exchange(deps.dispatcher, call);
    if (answer.status === 200) return { value: answer };
    state.requestId = randomUUID();
    // Also when the next token would be refused as well: once the cause is gone, this one must not come back from memory.
    if (answer.status === 401 || answer.status === 403) deps.tokens.drop(token);
    const refusal = readApiRefusal(answer, deps.clock());
    if (refusal.retry !== 'with-new-token' || state.renewed) return refusal;
    state.renewed = true;
    return await attempt(deps, address, maxBytes, context, state);
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    // Partner Center docs, "Headers": the same id only when a call timed out without an answer.
    if (error.kind !== 'timeout' || error.answered) state.requestId = randomUUID();
    return createFailedExchange(error, 'Partner Center');
  }
}

function headersOf(
  { headers }: PageAddress,
  token: string,
  requestId: string,
  correlationId: string,
  applicationName: string,
): Record<string, string> {
  return {
    ...headers,
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    'ms-requestid': requestId,
    'ms-correlationid': correlationId,
    'ms-partnercenter-application': applicationName,
    'x-locale': 'en-US',
  };
}
