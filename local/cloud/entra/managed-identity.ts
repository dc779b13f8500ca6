import { type Answer, type Handler, jsonAnswer } from '../http.ts';
import type { Tokens } from './tokens.ts';
import type { CloudState } from '../control/state.ts';

const lifeSeconds = 24 * 3600;

export const vaultResource = 'https://vault.azure.net';
const storageResource = 'https://storage.azure.com';

/** A token for blob storage, in real time because Azurite uses no other. */
export function issueStorageToken(tokens: Tokens, tenantId: string): string {
  const claims = { aud: storageResource, iss: `https://sts.windows.net/${tenantId}/`, tid: tenantId };
  return tokens.issue(claims, lifeSeconds, { nowMs: Date.now() });
}

/** The identity endpoint of App Service, version 2019-08-01. */
export function createManagedIdentity(
  { clock, tokens, requestLog }: CloudState,
  { tenantId, clientId, identityHeader }: { tenantId: string; clientId: string; identityHeader: string },
): Handler {
  return (exchange) => {
    const { url, headers, method } = exchange;
    const query = url.searchParams;
    if (method !== 'GET' || url.pathname !== '/msi/token') return refuse(404, 'Not found');
    requestLog.count('managedIdentityToken', 'managed-identity', exchange);
    if (headers['x-identity-header'] !== identityHeader) return refuse(401, 'Unauthorized');
    if (query.get('api-version') !== '2019-08-01') return refuse(400, 'Unsupported api-version');
    if ((query.get('client_id') ?? clientId) !== clientId) {
      return refuse(400, 'No User Assigned or Delegated Managed Identity found for specified ClientId');
    }
    const resource = query.get('resource')?.replace(/\/$/, '');
    if (resource !== vaultResource && resource !== storageResource) return refuse(400, 'Unknown resource');
    return jsonAnswer(200, {
      access_token:
        resource === storageResource
          ? issueStorageToken(tokens, tenantId)
          : tokens.issue({ aud: vaultResource, tid: tenantId, appid: clientId }, lifeSeconds),
      client_id: clientId,
      expires_on: String(Math.floor(clock.now() / 1000) + lifeSeconds),
      resource,
      token_type: 'Bearer',
    });
  };
}

function refuse(statusCode: number, message: string): Answer {
  return jsonAnswer(statusCode, { statusCode, message });
}
