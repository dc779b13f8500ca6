import { createPublicKey, constants, randomBytes, verify } from 'node:crypto';
import { z } from 'zod';
import { entraProblems } from './documented-problems.ts';
import { createEntraAuthorize } from './entra-authorize.ts';
import type { SignIn } from './entra-authorize.ts';
import { entraProblem as problem } from './entra-problem.ts';
import type { Fault, FaultTable } from './faults.ts';
import { slow } from './faults.ts';
import type { Answer, Handler } from './http.ts';
import { jsonAnswer } from './http.ts';
import type { World } from './world.ts';
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
  'refresh-token-expired': failing(400, 'invalid_grant', expired),
  'mfa-required': failing(400, 'invalid_grant', mfa),
  'client-secret-expired': failing(401, 'invalid_client', '7000222: The provided client secret keys are expired.'),
  'temporarily-unavailable': failing(400, 'temporarily_unavailable', '90033: A transient error has occurred.'),
  '500': failing(500, 'server_error', '50000: There was an error issuing a token.'),
  '503': failing(503, 'temporarily_unavailable', '90033: A transient error has occurred.'),
  slow,
  'no-refresh-token': changed((body) => ({ ...body, refresh_token: undefined })),
  'code-expired': forGrant('authorization_code', failing(400, 'invalid_grant', expiredCode)),
  'expires-in-text': changed((body) => ({ ...body, expires_in: String(accessSeconds) })),
};

export type Entra = {
  readonly handle: Handler;
  /** A refresh token as the one-time consent would have brought it. */
  issueRefreshToken(): string;
};

type EntraOptions = {
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientCertificate: string;
  readonly apiUrl: string;
};

type RefreshToken = { readonly expiresAt: number; readonly signIn: SignIn };

/** The v2 endpoints of one tenant with one registered client: the sign-in page, and tokens for its codes and for refresh tokens. */
export function createEntra(world: World, options: EntraOptions): Entra {
  const { clock, tokens, ledger, faults } = world;
  const { url, tenantId, clientId, clientSecret, apiUrl } = options;
  const endpoint = `/${tenantId}/oauth2/v2.0/token`;
  const audiences = [`${url}${endpoint}`, `${url}/${tenantId}/v2.0`];
  const clientKey = createPublicKey(options.clientCertificate);
  const refreshTokens = new Map<string, RefreshToken>();
  const authorize = createEntraAuthorize(world, options);

  function issueRefreshToken(signIn: SignIn = authorize.consented): string {
    const token = `0.A${randomBytes(60).toString('base64url')}`;
    refreshTokens.set(token, { expiresAt: clock.now() + refreshTokenLifeMs, signIn });
    return token;
  }

  function clientProblem(form: URLSearchParams): Answer | undefined {
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      return isClientAssertion(assertion)
        ? undefined
        : problem(
            401,
            'invalid_client',
            '700027: The certificate used to sign the client assertion is not registered.',
          );
    }
    const secret = form.get('client_secret');
    if (secret === null)
      return problem(401, 'invalid_client', '7000218: client_assertion or client_secret is missing.');
    if (secret === clientSecret) return undefined;
    return problem(401, 'invalid_client', '7000215: Invalid client secret provided.');
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
      return problem(400, 'unauthorized_client', '700016: Application was not found in the directory.');
    }
    const refused = clientProblem(form);
    if (refused !== undefined) return refused;
    if (form.has('resource'))
      return problem(400, 'invalid_request', '901002: The resource parameter is not supported.');
    const grant = form.get('grant_type');
    if (grant === 'refresh_token') return refresh(form);
    return grant === 'authorization_code'
      ? redeem(form)
      : problem(400, 'unsupported_grant_type', '70003: The app requested an unsupported grant type.');
  }

  function refresh(form: URLSearchParams): Answer {
    const scopes = form.get('scope')?.split(' ') ?? [];
    if (!scopes.includes(`${apiUrl}/.default`)) {
      return problem(400, 'invalid_scope', '70011: The provided value for the scope is not valid.');
    }
    const found = refreshTokens.get(form.get('refresh_token') ?? '');
    if (found === undefined) return problem(400, 'invalid_grant', '70000: The refresh token is not valid.');
    if (found.expiresAt <= clock.now()) return problem(400, 'invalid_grant', expired);
    return jsonAnswer(200, tokensOf(found.signIn, scopes));
  }

  function redeem(form: URLSearchParams): Answer {
    const redeemed = authorize.redeem(form);
    if ('refused' in redeemed) return redeemed.refused;
    const { signIn, idToken } = redeemed;
    const scopes = redeemed.scope.split(' ');
    return jsonAnswer(200, { ...tokensOf(signIn, scopes), ...(scopes.includes('openid') && { id_token: idToken }) });
  }

  function tokensOf(signIn: SignIn, scopes: readonly string[]) {
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
    issueRefreshToken: () => issueRefreshToken(),
    handle(exchange) {
      const { method, url: asked, body } = exchange;
      if (asked.pathname === `/${tenantId}/oauth2/v2.0/authorize`) return authorize.handle(exchange);
      if (method !== 'POST' || !asked.pathname.endsWith('/oauth2/v2.0/token')) return { status: 404 };
      ledger.count('token', 'entra', exchange);
      const proceed = () =>
        asked.pathname === endpoint
          ? exchangeToken(new URLSearchParams(body.toString()))
          : problem(400, 'invalid_request', '90002: Tenant not found.');
      return faults.play('entra', entraFaults, { exchange, proceed });
    },
  };
}

function failing(...failure: Parameters<typeof problem>): Fault {
  return () => problem(...failure);
}

function changed(change: (body: Readonly<Record<string, unknown>>) => object): Fault {
  return async ({ proceed }) => {
    const answer = await proceed();
    const body = z.record(z.string(), z.unknown()).parse(JSON.parse(String(answer.body)));
    return jsonAnswer(answer.status, change(body));
  };
}

/** Plays the fault for one kind of grant only. */
function forGrant(grant: string, fault: Fault): Fault {
  return (context) => {
    const form = new URLSearchParams(context.exchange.body.toString());
    return form.get('grant_type') === grant ? fault(context) : undefined;
  };
}
