import type { SecretClientOptions } from '@azure/keyvault-secrets';

// The vault's answer to the first request names this resource; the SDK wants the vault's host to end in it.
const vaultSuffixes = ['.vault.azure.net', '.vault.usgovcloudapi.net', '.vault.azure.cn', '.vault.microsoftazure.de'];

/** Options for the SDK's client: one quick retry, and no suffix check for a vault host outside Azure's own domains. */
export function createKeyVaultClientOptions(vaultUrl: string): SecretClientOptions {
  const { hostname } = new URL(vaultUrl);
  return {
    retryOptions: { maxRetries: 1, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 },
    disableChallengeResourceVerification: !vaultSuffixes.some((suffix) => hostname.endsWith(suffix)),
  };
}
