import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { SecretClientOptions } from '@azure/keyvault-secrets';
import { systemClock, systemRandom } from '../clock.ts';
import { createKeyVaultSecrets } from './key-vault.ts';
import type { SecretStore } from './secret-store.ts';

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
