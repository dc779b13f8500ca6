import type { SecretClientOptions } from '@azure/keyvault-secrets';

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

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
