import {
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import type { ClientAuth, TokenEndpointResponse } from 'oauth4webapi';
import type { Dispatcher } from 'undici';
import type { OperationContext } from '../../shared/context.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { DependencyError } from '../../shared/errors.ts';
import { describeEntra } from '../../shared/partner-center/endpoints.ts';
import { exchangeForTokens, toResponse } from '../../shared/partner-center/refresh-grant.ts';
import { readEntraRefusal } from '../../shared/partner-center/entra-errors.ts';
import { HttpFailure, createExchangeRefusal } from '../../shared/partner-center/upstream-failure.ts';
import type { HttpAnswer } from '../../shared/partner-center/http.ts';
import { CommandError } from '../command-line.ts';
import { explainEntraRefusal } from '../explain-failure.ts';

export type SignInOptions = {
  readonly dispatcher: Dispatcher;
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly apiUrl: string;
  readonly redirectUri: string;
};

export type SignedIn = { readonly who: string; readonly accessToken: string; readonly refreshToken: string };

export type SignIn = {
  /** The address at which the user signs in. */
  readonly url: string;
  readonly state: string;
  /** Exchanges the redirect's parameters for tokens. Throws CommandError when they carry a refusal, else DependencyError. */
  redeem(answer: URLSearchParams, auth: ClientAuth, operation: OperationContext): Promise<SignedIn>;
};

/** The permissions the app asks the user for. */
export function buildScope(apiUrl: string): string {
  return `${apiUrl}/user_impersonation offline_access openid profile`;
}

/** One authorization-code sign-in with PKCE, state and nonce. */
export async function createSignIn(options: SignInOptions): Promise<SignIn> {
  const { dispatcher, authorityUrl, tenantId, clientId, apiUrl, redirectUri } = options;
  const server = describeEntra(authorityUrl, tenantId);
  const client = { client_id: clientId };
  const [state, nonce, verifier] = [generateRandomState(), generateRandomNonce(), generateRandomCodeVerifier()];
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: redirectUri,
    scope: buildScope(apiUrl),
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    // A new sign-in makes its MFA new too; Microsoft's own consent sample sends amr_values.
    prompt: 'login',
    amr_values: 'mfa',
  }).toString();

  async function parse(answer: HttpAnswer): Promise<SignedIn> {
    const expected = { expectedNonce: nonce };
    const tokens = await processAuthorizationCodeResponse(server, client, toResponse(answer), expected).catch(
      // No `cause`: the library's errors hold the answer with its tokens.
      () => undefined,
    );
    if (tokens === undefined) {
      throw new DependencyError('UpstreamInvalid', 'Entra answered without usable tokens', {
        details: { status: 200 },
      });
    }
    return readSignedIn(tokens);
  }

  return {
    url: url.href,
    state,
    async redeem(answer, auth, operation) {
      refuseErrors(answer);
      const parameters = validateAuthResponse(server, client, answer, state);
      const received = await exchangeForTokens({ dispatcher, timeoutMs: 30_000 }, operation, (send) =>
        authorizationCodeGrantRequest(server, client, auth, parameters, redirectUri, verifier, send),
      );
      if (received instanceof HttpFailure) throw createExchangeRefusal(received, 'Entra').failure;
      if (received.status !== 200) throw readEntraRefusal(received, clock()).failure;
      return await parse(received);
    },
  };
}

function readSignedIn(tokens: TokenEndpointResponse): SignedIn {
  const { access_token: accessToken, refresh_token: refreshToken } = tokens;
  if (refreshToken === undefined) {
    throw new CommandError({
      what: 'Entra gave no refresh token',
      cure: 'grant the app the permission offline_access; then npm run consent',
    });
  }
  const name = getValidatedIdTokenClaims(tokens)?.['preferred_username'];
  return { who: typeof name === 'string' ? name : 'a user without a name', accessToken, refreshToken };
}

/** Throws when the sign-in page refused. Its AADSTS number appears only at the start of the description. */
function refuseErrors(answer: URLSearchParams): void {
  const error = answer.get('error');
  if (error === null) return;
  const [, number] = /^AADSTS(\d{3,9})\b/.exec(answer.get('error_description') ?? '') ?? [];
  const numbers = number === undefined ? [] : [Number(number)];
  throw new CommandError(explainEntraRefusal(/^[\w.-]{1,64}$/.test(error) ? error : '', numbers, 'authorization-code'));
}
