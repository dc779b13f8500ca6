import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';

const tokenSchema = z.looseObject({ access_token: z.string() });

/**
 * The managed identity of a local cloud with these settings. It keeps no token, and the SDK's own would serve the first cloud of a process
 * only.
 */
export function createIdentity(settings: Readonly<Record<string, string>>): TokenCredential {
  return {
    async getToken(scope) {
      const resource = String(scope).replace('/.default', '');
      const address = `${settings['IDENTITY_ENDPOINT']}?resource=${resource}&api-version=2019-08-01`;
      const headers = { 'x-identity-header': settings['IDENTITY_HEADER'] ?? '' };
      const { access_token: token } = tokenSchema.parse(await (await fetch(address, { headers })).json());
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
}
