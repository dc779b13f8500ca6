import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { SecretClientOptions } from '@azure/keyvault-secrets';
import * as z from 'zod';
import type { OperationContext } from '../context.ts';
import { systemClock, systemRandom } from '../clock.ts';
import type { Clock, Random } from '../clock.ts';
import { DependencyError } from '../errors.ts';
import { createPromiseCache, waitFor } from '../once.ts';

export type Secret = {
  readonly value: string;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly createdAt: number | undefined;
  readonly expiresAt: number | undefined;
};

/** Text to store, and when it expires, in epoch milliseconds. */
export type SecretToStore = { readonly value: string; readonly expiresAt: number };

/** Secrets by name. Every failure is a DependencyError `SecretsUnavailable`. */
export type SecretStore = {
  /** From memory for up to 30 minutes; the last known value when the vault fails. */
  get(name: string, context: OperationContext): Promise<Secret>;
  /** Asks the vault, whatever memory holds, unless it failed within the last minute. */
  reread(name: string, context: OperationContext): Promise<Secret>;
  /** Stores a new version and keeps it in memory. */
  set(name: string, secret: SecretToStore, context: OperationContext): Promise<Secret>;
};

const memoryMs = 30 * 60_000;
const failureMemoryMs = 60_000;
/** Stands for every secret of the vault; no secret has an empty name. */
const wholeVault = '';

/** The two methods of the SDK's client that are used. */
export type VaultClient = Pick<SecretClient, 'getSecret' | 'setSecret'>;

export type KeyVaultSecretsDeps = {
  readonly client: VaultClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Limit of one request to the vault, the SDK's own retries included. */
  readonly timeoutMs?: number;
};

type Remembered = { readonly secret: Secret; readonly loadedAt: number; readonly lifetimeMs: number };
type VaultSecret = Awaited<ReturnType<VaultClient['getSecret']>>;

/**
 * Secrets of one vault: in memory for up to 30 minutes, one load at a time per name, the last known value while the vault fails.
 * After a failure the vault is not asked again for a minute, so callers do not wait for a hanging vault one after the other.
 * Throws DependencyError `SecretsUnavailable`. A value never appears in an error or a log line.
 */
export function createKeyVaultSecrets(deps: KeyVaultSecretsDeps): SecretStore {
  const { client, clock, random, timeoutMs = 10_000 } = deps;
  const memory = new Map<string, Remembered>();
  const failures = new Map<string, { readonly failure: DependencyError; readonly at: number }>();
  const loads = createPromiseCache<Secret>('while-pending');

  function remember(name: string, secret: Secret): Secret {
    // Up to a tenth shorter, so that instances started together spread their later reloads.
    memory.set(name, { secret, loadedAt: clock(), lifetimeMs: memoryMs * (1 - random() / 10) });
    return secret;
  }

  function isYounger(since: number, limitMs: number): boolean {
    const ageMs = clock() - since;
    return ageMs >= 0 && ageMs < limitMs;
  }

  function findRecentFailure(name: string): DependencyError | undefined {
    const known = [failures.get(name), failures.get(wholeVault)];
    return known.find((one) => one !== undefined && isYounger(one.at, failureMemoryMs))?.failure;
  }

  async function get(name: string, context: OperationContext): Promise<Secret> {
    const known = memory.get(name);
    if (known !== undefined && isYounger(known.loadedAt, known.lifetimeMs)) return known.secret;
    try {
      return await reread(name, context);
    } catch (error) {
      if (known === undefined || context.signal.aborted || !(error instanceof DependencyError)) throw error;
      const ageMs = clock() - known.loadedAt;
      context.log('secret.stale', { ...error.details, version: known.secret.version, ageMs });
      return known.secret;
    }
  }

  async function reread(name: string, context: OperationContext): Promise<Secret> {
    const failure = findRecentFailure(name);
    if (failure !== undefined) throw failure;
    try {
      return await waitFor(loads.get(name) ?? loads.set(load(name), name), context.signal);
    } catch (error) {
      throw toSecretsError('read', name, error);
    }
  }

  async function load(name: string): Promise<Secret> {
    const before = memory.get(name);
    const secret = await getFromVault(name);
    const now = memory.get(name);
    // A version stored while this load was under way is newer than what the load saw.
    return now !== undefined && now !== before ? now.secret : remember(name, secret);
  }

  async function getFromVault(name: string): Promise<Secret> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return parseSecret(name, await waitFor(client.getSecret(name, { abortSignal: signal }), signal));
    } catch (error) {
      const failure = toSecretsError('read', name, error);
      failures.set(isVaultFailure(error) ? wholeVault : name, { failure, at: clock() });
      throw failure;
    }
  }

  async function set(name: string, { value, expiresAt }: SecretToStore, context: OperationContext): Promise<Secret> {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
    const options = { contentType: 'text/plain', expiresOn: new Date(expiresAt), abortSignal: signal };
    try {
      return remember(name, parseSecret(name, await waitFor(client.setSecret(name, value, options), signal)));
    } catch (error) {
      throw toSecretsError('stored', name, error);
    }
  }

  return { get, reread, set };
}

function parseSecret(name: string, { value, properties }: VaultSecret): Secret {
  if (!value || !properties.version) {
    throw new DependencyError('SecretsUnavailable', 'the vault answered without a value or a version', {
      details: { secretName: name, errorCode: 'NoValue' },
    });
  }
  const { version, createdOn, expiresOn } = properties;
  return { value, version, createdAt: createdOn?.getTime(), expiresAt: expiresOn?.getTime() };
}

const code = z.string().regex(/^[\w.-]{1,64}$/);
const sdkFailure = z.looseObject({
  statusCode: z.int().optional().catch(undefined),
  code: code.optional().catch(undefined),
  name: code.optional().catch(undefined),
});

/** Without `cause`: the SDK's errors carry the request, and a request to store carries the value. */
function toSecretsError(action: 'read' | 'stored', name: string, error: unknown): DependencyError {
  if (error instanceof DependencyError) return error;
  const { data } = sdkFailure.safeParse(error);
  return new DependencyError('SecretsUnavailable', `a secret could not be ${action}`, {
    details: { secretName: name, status: data?.statusCode, errorCode: data?.code ?? data?.name },
  });
}

/** Whether the vault as a whole failed: it gave no answer, throttles, or answered with a 5xx. */
function isVaultFailure(error: unknown): boolean {
  if (error instanceof DependencyError) return false;
  const status = sdkFailure.safeParse(error).data?.statusCode ?? 503;
  return status === 408 || status === 429 || status >= 500;
}

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/** The secrets of the vault at `url`. */
export function openKeyVault(url: string, credential: TokenCredential): SecretStore {
  const client = new SecretClient(url, credential, createKeyVaultClientOptions(url));
  return createKeyVaultSecrets({ client, clock: systemClock, random: systemRandom });
}

/**
 * Options for the SDK's client: one quick retry, and the check of the vault's challenge on every host but this machine's own.
 * A vault names the resource that it wants a token for, and the check wants the vault's host to end in it. Without the check, a
 * foreign host behind a wrong address could name storage and receive a token for it.
 */
export function createKeyVaultClientOptions(vaultUrl: string): SecretClientOptions {
  return {
    retryOptions: { maxRetries: 1, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 },
    disableChallengeResourceVerification: loopbackHosts.includes(new URL(vaultUrl).hostname),
  };
}
