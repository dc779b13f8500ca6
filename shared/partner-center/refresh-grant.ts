import { customFetch, processRefreshTokenResponse, refreshTokenGrantRequest } from 'oauth4webapi';
import type { ClientAuth, TokenEndpointRequestOptions } from 'oauth4webapi';
import type { Dispatcher } from 'undici';
import type { OperationContext } from '../context.ts';
import { DependencyError } from '../errors.ts';
import { describeEntra } from './endpoints.ts';
import { readEntraRefusal } from './entra-errors.ts';
import { HttpFailure, createExchangeRefusal } from './upstream-failure.ts';
import { exchange } from './http.ts';
import type { HttpAnswer } from './http.ts';
import { waitBeforeRetry } from './retry.ts';
import type { RetryContext, RetryDeps } from './retry.ts';

const maxBytes = 1024 * 1024;

export type RefreshGrantDeps = RetryDeps & {
  readonly dispatcher: Dispatcher;
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The API whose `/.default` permissions the token is for. */
  readonly apiUrl: string;
  /** Limit of one HTTP exchange. */
  readonly attemptTimeoutMs: number;
};

export type TokenAnswer = {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  /** Entra may leave it out: the old one then stays valid. */
  readonly refreshToken: string | undefined;
};

export type GrantResult =
  | { readonly kind: 'granted'; readonly answer: TokenAnswer }
  | { readonly kind: 'refused'; readonly failure: DependencyError };

/** App+User refresh-token grants at the v2 token endpoint of one tenant. */
export function createRefreshGrant(deps: RefreshGrantDeps) {
  const { dispatcher, authorityUrl, tenantId, clientId, apiUrl, attemptTimeoutMs: timeoutMs } = deps;
  const server = describeEntra(authorityUrl, tenantId);
  const client = { client_id: clientId };
  const additionalParameters = { scope: `${apiUrl}/.default offline_access` };

  /** One grant. A lasting refusal is a result; every other failure is thrown as a DependencyError. */
  return async function requestGrant(
    auth: ClientAuth,
    refreshToken: string,
    context: RetryContext,
  ): Promise<GrantResult> {
    for (let tried = 1; ; tried += 1) {
      const outcome = await exchangeForTokens({ dispatcher, timeoutMs }, context, (options) =>
        refreshTokenGrantRequest(server, client, auth, refreshToken, { ...options, additionalParameters }),
      );
      const isFailed = outcome instanceof HttpFailure;
      if (!isFailed && outcome.status === 200) return { kind: 'granted', answer: await parseAnswer(outcome) };
      const refusal = isFailed ? createExchangeRefusal(outcome, 'Entra') : readEntraRefusal(outcome, deps.clock());
      if (!isFailed && refusal.retry !== 'after-wait') return { kind: 'refused', failure: refusal.failure };
      await waitBeforeRetry(deps, refusal, tried, context);
    }
  };

  async function parseAnswer(answer: HttpAnswer): Promise<TokenAnswer> {
    // Not as `cause`: the library's errors carry the answer, and with it the tokens.
    const parsed = await processRefreshTokenResponse(server, client, toResponse(answer)).catch(() => undefined);
    const { access_token: accessToken, expires_in: expiresInSeconds = 0, refresh_token: refreshToken } = parsed ?? {};
    if (accessToken === undefined || !(expiresInSeconds > 0)) {
      throw new DependencyError('UpstreamInvalid', 'Entra answered without a usable token', {
        details: { status: 200, contentType: answer.headers['content-type']?.slice(0, 60) },
      });
    }
    return { accessToken, expiresInSeconds, refreshToken };
  }
}

type Exchange = { readonly dispatcher: Dispatcher; readonly timeoutMs: number };

/** What the token endpoint answers to a request that the library makes: it is read here, because the library drops the body of an error that has a challenge. */
export async function exchangeForTokens(
  { dispatcher, timeoutMs }: Exchange,
  { signal, correlationId }: OperationContext,
  send: (options: TokenEndpointRequestOptions) => Promise<Response>,
): Promise<HttpAnswer | HttpFailure> {
  const received = Promise.withResolvers<HttpAnswer | HttpFailure>();
  await send({
    headers: { 'client-request-id': correlationId },
    [customFetch]: async (url, { method, headers, body: form }) => {
      const body = form.toString();
      received.resolve(await exchange(dispatcher, { method, url, headers, body, signal, timeoutMs, maxBytes }));
      return new Response();
    },
  });
  return received.promise;
}

/** An answer of the token endpoint as the library reads it; the media type is not checked. */
export function toResponse({ body }: HttpAnswer): Response {
  return new Response(new Uint8Array(body), { headers: { 'content-type': 'application/json' } });
}
