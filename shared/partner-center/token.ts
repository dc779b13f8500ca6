import type { OperationContext } from '../context.ts';
import { toDependencyError } from '../errors.ts';
import { createPromiseCache, waitFor } from '../once.ts';
import type { RefreshTokenInfo, RefreshTokenStatus } from '../ports.ts';
import type { Secret, SecretStore } from '../secrets/key-vault.ts';
import { createClientAuth } from './client-credential.ts';
import type { ClientCredentialSource } from './client-credential.ts';
import { describeEntra } from './endpoints.ts';
import { createRefreshGrant } from './refresh-grant.ts';
import type { GrantResult, RefreshGrantDeps, TokenAnswer } from './refresh-grant.ts';
import { createRefreshTokenHolder } from './refresh-token.ts';
import type { HeldRefreshToken } from './refresh-token.ts';
import type { RetryContext } from './retry.ts';
import * as z from 'zod';
import { parseJson } from '../parse-json.ts';

const marginMs = 120_000;

export type PartnerCenterTokensDeps = Omit<RefreshGrantDeps, 'attemptTimeoutMs'> & {
  /** The vault of the client credential. */
  readonly secrets: SecretStore;
  /** The vault of the refresh token, the only secret that is written. */
  readonly refreshTokenSecrets: SecretStore;
  readonly refreshTokenSecretName: string;
  readonly credential: ClientCredentialSource;
  /** Limit of one HTTP exchange; 30 s. */
  readonly attemptTimeoutMs?: number;
  /** Limit of everything one access token takes, its retries and the vault included; 2 min. */
  readonly timeoutMs?: number;
};

export type PartnerCenterTokens = RefreshTokenStatus & {
  /** An access token with some minutes to live. Throws a DependencyError. */
  get(context: OperationContext): Promise<string>;
  /** Forgets a token that Partner Center refused, if it is still the one held. */
  drop(token: string): void;
};

type AccessToken = { readonly value: string; readonly receivedAt: number; readonly usableMs: number };
type Exchanged = { readonly result: GrantResult; readonly used: HeldRefreshToken };

/** App+User access tokens for Partner Center: held until shortly before they expire, one exchange at a time. */
export function createPartnerCenterTokens(deps: PartnerCenterTokensDeps): PartnerCenterTokens {
  const { secrets, refreshTokenSecrets, refreshTokenSecretName, credential, clock } = deps;
  const { attemptTimeoutMs = 30_000, timeoutMs = 120_000 } = deps;
  const requestGrant = createRefreshGrant({ ...deps, attemptTimeoutMs });
  const audience = describeEntra(deps.authorityUrl, deps.tenantId).token_endpoint;
  const refreshTokens = createRefreshTokenHolder({
    secrets: refreshTokenSecrets,
    secretName: refreshTokenSecretName,
    clock,
  });
  const renewals = createPromiseCache<string>('while-pending');
  let held: AccessToken | undefined;

  function getUsable(): string | undefined {
    const ageMs = held === undefined ? 0 : clock() - held.receivedAt;
    return held !== undefined && ageMs >= 0 && ageMs < held.usableMs ? held.value : undefined;
  }

  async function get(context: OperationContext): Promise<string> {
    const token = getUsable();
    if (token !== undefined && !refreshTokens.isStoreDue()) return token;
    try {
      return await waitFor(renewals.get() ?? renewals.set(renew(context)), context.signal);
    } catch (error) {
      throw toDependencyError(error, 'no access token in time');
    }
  }

  async function renew(caller: OperationContext): Promise<string> {
    // All who ask meanwhile share this exchange, so it must not end with the caller who was first.
    const signal = AbortSignal.timeout(timeoutMs);
    const startedAt = clock();
    const context: RetryContext = { ...caller, signal, operation: 'token', deadlineAt: startedAt + timeoutMs };
    const token = getUsable();
    if (token !== undefined) {
      await refreshTokens.storeUnsaved(context);
      return token;
    }
    const { result, used } = await exchangeOnce(context);
    if (result.kind === 'refused') throw result.failure;
    const { answer } = result;
    hold(answer, startedAt);
    const { accessToken, expiresInSeconds, refreshToken } = answer;
    const { correlationId } = context;
    const durationMs = clock() - startedAt;
    context.log('token.exchanged', { durationMs, expiresInSeconds, mfa: hasMfa(accessToken), correlationId });
    if (refreshToken !== undefined) await refreshTokens.storeIfOld(refreshToken, used, context);
    return accessToken;
  }

  function hold({ accessToken, expiresInSeconds }: TokenAnswer, receivedAt: number): void {
    const lifetimeMs = expiresInSeconds * 1_000;
    held = { value: accessToken, receivedAt, usableMs: lifetimeMs - Math.min(marginMs, lifetimeMs / 2) };
  }

  /** One exchange; when Entra refuses a secret, one more with the vault's newer version of it. */
  async function exchangeOnce(context: RetryContext): Promise<Exchanged> {
    // In sequence: the vault client must answer the challenge of its first request before it sends a second one.
    const token = await refreshTokens.current(context);
    const secret = await secrets.get(credential.secretName, context);
    const first = await request(token, secret, context);
    if (first.result.kind === 'granted') return first;
    const { code, explanation } = first.result.failure;
    if (code === 'UpstreamAuthRequired') {
      const replacement = await refreshTokens.findReplacement(token, context).catch(() => undefined);
      return replacement === undefined ? first : await request(replacement, secret, context);
    }
    if (explanation.cure !== 'client-credential') return first;
    const renewed = await secrets.reread(credential.secretName, context).catch(() => secret);
    return renewed.version === secret.version ? first : await request(token, renewed, context);
  }

  async function request(used: HeldRefreshToken, secret: Secret, context: RetryContext): Promise<Exchanged> {
    const auth = createClientAuth(credential, secret, audience);
    return { result: await requestGrant(auth, used.value, context), used };
  }

  return {
    get,
    drop: (token) => {
      if (held?.value === token) held = undefined;
    },
    current: async (context) => await readInfo(refreshTokenSecrets.get(refreshTokenSecretName, context)),
    reread: async (context) => await readInfo(refreshTokenSecrets.reread(refreshTokenSecretName, context)),
  };
}

async function readInfo(secret: Promise<Secret>): Promise<RefreshTokenInfo> {
  const { version, createdAt } = await secret;
  return { version, issuedAt: createdAt };
}

const mfaClaims = z.looseObject({ amr: z.array(z.string()) });

/**
 * Whether the token says that its user signed in with multi-factor authentication; `undefined` when it does not tell.
 * For the log only: the signature is not checked, and Partner Center decides.
 */
function hasMfa(accessToken: string): boolean | undefined {
  return readTokenClaims(accessToken, mfaClaims)?.amr.includes('mfa');
}

/** The claims of a JSON Web Token, unverified; `undefined` when they cannot be read or do not fit. */
export function readTokenClaims<Schema extends z.ZodType>(token: string, claims: Schema): z.output<Schema> | undefined {
  const [, payload = ''] = token.split('.');
  return parseJson(Buffer.from(payload, 'base64url').toString(), claims);
}
