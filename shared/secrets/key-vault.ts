import type { SecretClient } from '@azure/keyvault-secrets';
import { z } from 'zod';
import type { OperationContext } from '../context.ts';
import type { Clock, Random } from '../clock.ts';
import { DependencyError } from '../errors.ts';
import type { Secret, SecretStore, SecretToStore } from '../refresh/ports.ts';
import { createFailureMemory } from './failure-memory.ts';
import { createSingleFlight, waitFor } from '../single-flight.ts';

const memoryMs = 30 * 60_000;

/** The two methods of the SDK's client that are used. */
export type VaultClient = Pick<SecretClient, 'getSecret' | 'setSecret'>;

export type KeyVaultSecretsDeps = {
  /** The vault's client; asked for at each call, so that the SDK is loaded at first need. */
  readonly client: () => Promise<VaultClient>;
  readonly clock: Clock;
  readonly random: Random;
  /** Limit of one call to the vault, the SDK's own retries included. */
  readonly timeoutMs?: number;
};

type Remembered = { readonly secret: Secret; readonly loadedAt: number; readonly lifetimeMs: number };
type VaultSecret = Awaited<ReturnType<VaultClient['getSecret']>>;

/**
 * Secrets of one vault: in memory for up to 30 minutes, one load at a time per name, the last known value while the vault fails.
 * A failure is remembered for a minute, in which the vault is not asked again.
 * Throws DependencyError `SecretsUnavailable`; a value never stands in an error or a log line.
 */
export function createKeyVaultSecrets(deps: KeyVaultSecretsDeps): SecretStore {
  const { client, clock, random, timeoutMs = 10_000 } = deps;
  const memory = new Map<string, Remembered>();
  const failures = createFailureMemory(clock);
  const share = createSingleFlight<Secret>();

  function remember(name: string, secret: Secret): Secret {
    // Up to a tenth shorter, so that instances started together do not ask together for ever after.
    memory.set(name, { secret, loadedAt: clock(), lifetimeMs: memoryMs * (1 - random() / 10) });
    return secret;
  }

  function isFresh({ loadedAt, lifetimeMs }: Remembered): boolean {
    const ageMs = clock() - loadedAt;
    return ageMs >= 0 && ageMs < lifetimeMs;
  }

  async function ask(signal: AbortSignal, request: (vault: VaultClient) => Promise<VaultSecret>): Promise<VaultSecret> {
    return await waitFor(client().then(request), signal);
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
      return secretOf(name, await ask(signal, (vault) => vault.getSecret(name, { abortSignal: signal })));
    } catch (error) {
      const failure = secretsUnavailable('read', name, error);
      failures.remember(name, failure);
      throw failure;
    }
  }

  async function reread(name: string, context: OperationContext): Promise<Secret> {
    const failure = failures.find(name);
    if (failure !== undefined) throw failure;
    try {
      return await share(name, () => load(name), context.signal);
    } catch (error) {
      throw secretsUnavailable('read', name, error);
    }
  }

  async function get(name: string, context: OperationContext): Promise<Secret> {
    const known = memory.get(name);
    if (known !== undefined && isFresh(known)) return known.secret;
    try {
      return await reread(name, context);
    } catch (error) {
      if (known === undefined || context.signal.aborted || !(error instanceof DependencyError)) throw error;
      const ageMs = clock() - known.loadedAt;
      context.log('secret.stale', { ...error.details, version: known.secret.version, ageMs });
      return known.secret;
    }
  }

  async function set(
    name: string,
    { value, contentType, expiresAt }: SecretToStore,
    context: OperationContext,
  ): Promise<Secret> {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
    const options = { contentType, expiresOn: new Date(expiresAt), abortSignal: signal };
    try {
      return remember(name, secretOf(name, await ask(signal, (vault) => vault.setSecret(name, value, options))));
    } catch (error) {
      throw secretsUnavailable('stored', name, error);
    }
  }

  return { get, reread, set };
}

function secretOf(name: string, { value, properties }: VaultSecret): Secret {
  if (!value || !properties.version) {
    throw new DependencyError('SecretsUnavailable', 'the vault answered without a value or a version', {
      details: { secretName: name, errorCode: 'NoValue' },
    });
  }
  const { version, contentType, createdOn, expiresOn } = properties;
  return { value, version, contentType, createdAt: createdOn?.getTime(), expiresAt: expiresOn?.getTime() };
}

const code = z.string().regex(/^[\w.-]{1,64}$/);
const sdkFailure = z.looseObject({
  statusCode: z.int().optional().catch(undefined),
  code: code.optional().catch(undefined),
  name: code.optional().catch(undefined),
});

/** Without `cause`: the SDK's errors carry the request, and a request to store carries the value. */
function secretsUnavailable(done: 'read' | 'stored', name: string, error: unknown): DependencyError {
  if (error instanceof DependencyError) return error;
  const { data } = sdkFailure.safeParse(error);
  return new DependencyError('SecretsUnavailable', `a secret could not be ${done}`, {
    details: { secretName: name, status: data?.statusCode, errorCode: data?.code ?? data?.name },
  });
}
