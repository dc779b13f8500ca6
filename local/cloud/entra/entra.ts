import { createPublicKey, constants, randomBytes, verify } from 'node:crypto';
import { z } from 'zod';
import { type AuthorizeOptions, createEntraAuthorize, type SignIn } from './authorize.ts';
import { type Fault, type FaultTable, slow } from '../faults.ts';
import { type Answer, type Exchange, jsonAnswer } from '../http.ts';
import { entraProblem, entraProblems } from '../problems.ts';
import type { CloudState } from '../control/state.ts';
import { parseJwtPart } from './tokens.ts';

const accessSeconds = 3600;

/** How long Entra's refresh tokens for confidential clients live. */
export const refreshTokenLifeMs = 90 * 24 * 3_600_000;

const expired = '700082: The refresh token has expired due to inactivity.';
const expiredCode = '70008: The provided authorization code or refresh token has expired due to inactivity.';
const mfa =
  '50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.';

export const entraFaults: FaultTable = {
  ...entraProblems,
  'refresh-token-expired': () => refuse('invalid_grant', expired),
  'mfa-required': () => refuse('invalid_grant', mfa),
  'client-secret-expired': () => refuseClient('7000222: The provided client secret keys are expired.'),
  'temporarily-unavailable': () => refuse('temporarily_unavailable', '90033: A transient error has occurred.'),
  '500': () => entraProblem(500, 'server_error', '50000: There was an error issuing a token.'),
  '503': () => entraProblem(503, 'temporarily_unavailable', '90033: A transient error has occurred.'),
  slow,
  'no-refresh-token': changeAnswer((body) => ({ ...body, refresh_token: undefined })),
  'code-expired': ({ exchange }) =>
    new URLSearchParams(exchange.body.toString()).get('grant_type') === 'authorization_code'
      ? refuse('invalid_grant', expiredCode)
      : undefined,
  'expires-in-text': changeAnswer((body) => ({ ...body, expires_in: String(accessSeconds) })),
};

type EntraOptions = AuthorizeOptions & { readonly clientSecret: string; readonly clientCertificate: string };

type RefreshToken = { readonly expiresAt: number; readonly signIn: SignIn };

/** The v2 endpoints of one tenant with one registered app: the sign-in page, and tokens for codes and refresh tokens. */
export function createEntra(state: CloudState, options: EntraOptions) {
  const { clock, tokens, requestLog, faults } = state;
  const { url, tenantId, clientId, clientSecret, apiUrl } = options;
  const endpoint = `/${tenantId}/oauth2/v2.0/token`;
  const audiences = [`${url}${endpoint}`, `${url}/${tenantId}/v2.0`];
  const clientKey = createPublicKey(options.clientCertificate);
  const refreshTokens = new Map<string, RefreshToken>();
  const authorize = createEntraAuthorize(state, options);
  const play = faults.addService('entra', entraFaults);

  function issueRefreshToken(signIn: SignIn = authorize.consented): string {
    const token = `0.A${randomBytes(60).toString('base64url')}`;
    refreshTokens.set(token, { expiresAt: clock.now() + refreshTokenLifeMs, signIn });
    return token;
  }

  function checkClient(form: URLSearchParams): Answer | undefined {
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      if (isClientAssertion(assertion)) return undefined;
      return refuseClient('700027: The certificate used to sign the client assertion is not registered.');
    }
    const secret = form.get('client_secret');
    if (secret === null) return refuseClient('7000218: client_assertion or client_secret is missing.');
    return secret === clientSecret ? undefined : refuseClient('7000215: Invalid client secret provided.');
  }

  function isClientAssertion(assertion: string): boolean {
    try {
      const [head, body, signature = ''] = assertion.split('.');
      const { alg } = z.object({ alg: z.enum(['RS256', 'PS256']) }).parse(parseJwtPart(head));
      const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
      const key = { key: clientKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      const claims = z
        .object({ iss: z.literal(clientId), sub: z.literal(clientId), aud: z.enum(audiences), exp: z.number() })
        .parse(parseJwtPart(body));
      const signed = Buffer.from(`${head}.${body}`);
      return claims.exp * 1000 > clock.now() && verify('sha256', signed, key, Buffer.from(signature, 'base64url'));
    } catch {
      return false;
    }
  }

  function exchangeToken(form: URLSearchParams): Answer {
    if (form.get('client_id') !== clientId) {
      return refuse('unauthorized_client', '700016: Application was not found in the directory.');
    }
    const refused = checkClient(form);
    if (refused !== undefined) return refused;
    if (form.has('resource')) return refuse('invalid_request', '901002: The resource parameter is not supported.');
    const grant = form.get('grant_type');
    if (grant === 'refresh_token') return refresh(form);
    if (grant === 'authorization_code') return redeem(form);
    return refuse('unsupported_grant_type', '70003: The app requested an unsupported grant type.');
  }

  function refresh(form: URLSearchParams): Answer {
    const scopes = form.get('scope')?.split(' ') ?? [];
    if (!scopes.includes(`${apiUrl}/.default`)) {
      return refuse('invalid_scope', '70011: The provided value for the scope is not valid.');
    }
    const found = refreshTokens.get(form.get('refresh_token') ?? '');
    if (found === undefined) return refuse('invalid_grant', '70000: The refresh token is not valid.');
    if (found.expiresAt <= clock.now()) return refuse('invalid_grant', expired);
    return jsonAnswer(200, issueTokens(found.signIn, scopes));
  }

  function redeem(form: URLSearchParams): Answer {
    const redeemed = authorize.redeem(form);
    if ('problem' in redeemed) return refuse('invalid_grant', redeemed.problem);
    const { signIn, idToken } = redeemed;
    const scopes = redeemed.scope.split(' ');
    return jsonAnswer(200, { ...issueTokens(signIn, scopes), ...(scopes.includes('openid') && { id_token: idToken }) });
  }

  function issueTokens(signIn: SignIn, scopes: readonly string[]) {
    const claims = { aud: apiUrl, appid: clientId, scp: 'user_impersonation', ...signIn };
    return {
      token_type: 'Bearer',
      scope: `${apiUrl}/user_impersonation ${apiUrl}/.default`,
      expires_in: accessSeconds,
      ext_expires_in: accessSeconds,
      access_token: tokens.issue(claims, accessSeconds),
      ...(scopes.includes('offline_access') && { refresh_token: issueRefreshToken(signIn) }),
    };
  }

  return {
    /** A refresh token like the one the first consent stores. */
    issueRefreshToken: () => issueRefreshToken(),
    handle: (exchange: Exchange): Answer | Promise<Answer> => {
      const { method, url: asked, body } = exchange;
      if (asked.pathname === `/${tenantId}/oauth2/v2.0/authorize`) return authorize.handle(exchange);
      if (method !== 'POST' || !asked.pathname.endsWith('/oauth2/v2.0/token')) return { status: 404 };
      requestLog.count('token', 'entra', exchange);
      const proceed = () =>
        asked.pathname === endpoint
          ? exchangeToken(new URLSearchParams(body.toString()))
          : refuse('invalid_request', '90002: Tenant not found.');
      return play({ exchange, proceed });
    },
  };
}

function refuse(error: string, text: string): Answer {
  return entraProblem(400, error, text);
}

function refuseClient(text: string): Answer {
  return entraProblem(401, 'invalid_client', text);
}

function changeAnswer(change: (body: Readonly<Record<string, unknown>>) => object): Fault {
  return async ({ proceed }) => {
    const answer = await proceed();
    const body = z.record(z.string(), z.unknown()).parse(JSON.parse(String(answer.body)));
    return jsonAnswer(answer.status, change(body));
  };
}
