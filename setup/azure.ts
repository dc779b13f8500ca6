import { randomUUID } from 'node:crypto';
import { AzureCliCredential, ManagedIdentityCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';
import type { OperationContext } from '../shared/context.ts';
import { openKeyVault } from '../shared/secrets/open-key-vault.ts';
import type { SecretStore } from '../shared/secrets/secret-store.ts';
import type { Environment } from './environment.ts';

/** As whom this process goes to the vault and to storage, for a person to read. */
export type AzureIdentity = { readonly credential: TokenCredential; readonly who: string };

/** The person's own `az login`, unless a setting asks for the managed identity or the machine offers one. */
export function openIdentity(env: Environment): AzureIdentity {
  const offered = env['IDENTITY_ENDPOINT'] === undefined ? 'developer' : 'managed-identity';
  if ((env['USAGE_CREDENTIAL']?.trim() || offered) === 'developer') {
    return { credential: new AzureCliCredential(), who: 'your own az login' };
  }
  const clientId = env['AZURE_CLIENT_ID']?.trim();
  return {
    credential: new ManagedIdentityCredential(clientId ? { clientId } : {}),
    who: clientId ? `the managed identity ${clientId}` : 'the managed identity of this machine',
  };
}

/** The secrets of a vault. */
export function openVault(url: string, { credential }: AzureIdentity): SecretStore {
  return openKeyVault(url, credential);
}

/** One piece of work that may take as long as it says; it logs nothing, as what matters is reported. */
export function createCall(timeoutMs: number): OperationContext {
  return { log: () => undefined, signal: AbortSignal.timeout(timeoutMs), correlationId: randomUUID() };
}
