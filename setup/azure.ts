import { randomUUID } from 'node:crypto';
import { AzureCliCredential, ManagedIdentityCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';
import type { OperationContext } from '../shared/context.ts';
import type { Environment } from './environment.ts';

/** The identity this process uses for the vault and storage; `who` names it in messages. */
export type AzureIdentity = { readonly credential: TokenCredential; readonly who: string };

/** The user's own `az login`, unless a setting asks for the managed identity or the machine offers one. */
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

/** The context of one operation with this time limit. It logs nothing: the report says what matters. */
export function createOperation(timeoutMs: number): OperationContext {
  return { log: () => undefined, signal: AbortSignal.timeout(timeoutMs), correlationId: randomUUID() };
}
