import { SecretClient } from '@azure/keyvault-secrets';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll } from 'vitest';
import { z } from 'zod';
import { createIdentity } from '../support/services/identity.ts';
import { startLocalCloud } from '../support/services/local-cloud.ts';

const tokenBody = z.looseObject({ access_token: z.string(), refresh_token: z.string() });
const collectionBody = z.looseObject({
  totalCount: z.number(),
  items: z.array(z.looseObject({ resourceId: z.string(), isUpgraded: z.boolean(), lastModifiedDate: z.string() })),
});

export type Collection = z.infer<typeof collectionBody>;

/** A cloud on free ports for the tests of this file, with what they need to talk to it as an app would. */
export async function startTestCloud(options: Parameters<typeof startLocalCloud>[0] = {}) {
  const cloud = await startLocalCloud(options);
  afterAll(async () => cloud.stop());
  const setting = (name: string) => z.string().parse(cloud.settings[name]);
  const credential = createIdentity(cloud.settings);
  const secrets = new SecretClient(setting('KEY_VAULT_URL'), credential, {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
  });
  const blobs = new BlobServiceClient(setting('USAGE_STORAGE_URL'), credential, { retryOptions: { maxTries: 1 } });
  const api = setting('PARTNER_CENTER_API_URL');
  const tokenUrl = `${setting('PARTNER_CENTER_AUTHORITY_URL')}/${setting('PARTNER_CENTER_TENANT_ID')}/oauth2/v2.0/token`;

  async function readSecret(name: string): Promise<string> {
    const { value } = await secrets.getSecret(name);
    return z.string().parse(value);
  }

  const clientSecret = await readSecret('partner-center-client-secret');
  const refreshToken = await readSecret('partner-center-refresh-token');

  async function postToken(changes: Readonly<Record<string, string>> = {}): Promise<Response> {
    const form = {
      grant_type: 'refresh_token',
      client_id: setting('PARTNER_CENTER_CLIENT_ID'),
      client_secret: clientSecret,
      refresh_token: refreshToken,
      scope: `${api}/.default offline_access`,
      ...changes,
    };
    return fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  }

  async function exchange(changes: Readonly<Record<string, string>> = {}) {
    const response = await postToken(changes);
    return tokenBody.parse(await response.json());
  }

  async function usage(accessToken: string, headers: Record<string, string> = {}, query = ''): Promise<Response> {
    const authorization = `Bearer ${accessToken}`;
    return fetch(`${api}/v1/customers/usagerecords${query}`, { headers: { ...headers, authorization } });
  }

  return {
    ...cloud,
    api,
    tokenUrl,
    setting,
    secrets,
    container: blobs.getContainerClient(setting('USAGE_CONTAINER')),
    readSecret,
    postToken,
    exchange,
    usage,
    async collection(accessToken: string): Promise<Collection> {
      const response = await usage(accessToken);
      return collectionBody.parse(await response.json());
    },
    fault: async (service: string, kind: string, times = 1) => cloud.fault(service, kind, times),
  };
}
