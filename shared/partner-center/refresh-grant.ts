import { customFetch, processRefreshTokenResponse, refreshTokenGrantRequest } from 'oauth4webapi';
import type { AuthorizationServer, ClientAuth } from 'oauth4webapi';
import type { Dispatcher } from 'undici';
import { DependencyError } from '../errors.ts';
import { buildTokenEndpoint } from './endpoints.ts';
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

export type RefreshGrant = {
  /** Also the audience of a client assertion. */
  readonly tokenEndpoint: string;
  /** One App+User refresh-token grant. A lasting refusal is a result; every other failure is thrown as a DependencyError. */
  request(auth: ClientAuth, refreshToken: string, context: RetryContext): Promise<GrantResult>;
};

/** The v2 token endpoint of one tenant. */
export function createRefreshGrant(deps: RefreshGrantDeps): RefreshGrant {
  const { authorityUrl, tenantId, clientId, apiUrl, attemptTimeoutMs: timeoutMs } = deps;
  const tokenEndpoint = buildTokenEndpoint(authorityUrl, tenantId);
  const server: AuthorizationServer = { issuer: `${authorityUrl}/${tenantId}/v2.0`, token_endpoint: tokenEndpoint };
  const client = { client_id: clientId };
  const additionalParameters = { scope: `${apiUrl}/.default offline_access` };

  async function request(auth: ClientAuth, refreshToken: string, context: RetryContext): Promise<GrantResult> {
    for (let tried = 1; ; tried += 1) {
      const outcome = await sendRequest(auth, refreshToken, context);
      const isFailed = outcome instanceof HttpFailure;
      if (!isFailed && outcome.status === 200) return { kind: 'granted', answer: await parseAnswer(outcome) };
      const refusal = isFailed ? createExchangeRefusal(outcome, 'Entra') : readEntraRefusal(outcome, deps.clock());
      if (!isFailed && refusal.retry !== 'after-wait') return { kind: 'refused', failure: refusal.failure };
      await waitBeforeRetry(deps, refusal, tried, context);
    }
  }

  async function sendRequest(
    auth: ClientAuth,
    refreshToken: string,
    { signal, correlationId }: RetryContext,
  ): Promise<HttpAnswer | HttpFailure> {
    const received = Promise.withResolvers<HttpAnswer | HttpFailure>();
    await refreshTokenGrantRequest(server, client, auth, refreshToken, {
      additionalParameters,
      headers: { 'client-request-id': correlationId },
      [customFetch]: async (url, { method, headers, body: form }) => {
        const body = form.toString();
        received.resolve(await exchange(deps.dispatcher, { method, url, headers, body, signal, timeoutMs, maxBytes }));
        // The answer is read here, because the library drops the body of an error that has a challenge.
        return new Response();
      },
    });
    return await received.promise;
  }

  async function parseAnswer({ body, headers }: HttpAnswer): Promise<TokenAnswer> {
    const response = new Response(new Uint8Array(body), { headers: { 'content-type': 'application/json' } });
    // Not as `cause`: the library's errors carry the answer, and with it the tokens.
    const parsed = await processRefreshTokenResponse(server, client, response).catch(() => undefined);
    const { access_token: accessToken, expires_in: expiresInSeconds = 0, refresh_token: refreshToken } = parsed ?? {};
    if (accessToken === undefined || !(expiresInSeconds > 0)) {
      throw new DependencyError('UpstreamInvalid', 'Entra answered without a usable token', {
        details: { status: 200, contentType: headers['content-type']?.slice(0, 60) },
      });
    }
    return { accessToken, expiresInSeconds, refreshToken };
  }

  return { tokenEndpoint, request };
}
