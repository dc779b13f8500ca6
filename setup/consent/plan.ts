import type { AzureIdentity } from '../azure.ts';
import { getCredentialName, chooseCredentialSource, resolveEndpoints } from '../client-credential.ts';
import type { ConsentSettings } from './settings.ts';
import { scopeOf } from './sign-in.ts';

/** Where the refresh token goes. */
export function findRefreshTokenVault(
  settings: Pick<ConsentSettings, 'KEY_VAULT_URL' | 'REFRESH_TOKEN_VAULT_URL'>,
): string {
  return settings.REFRESH_TOKEN_VAULT_URL ?? settings.KEY_VAULT_URL;
}

/** What the command is about to do, for a person to agree to. */
export function planConsent(settings: ConsentSettings, { who }: AzureIdentity, redirectUri: string): string {
  const { authorityUrl, apiUrl } = resolveEndpoints(settings);
  const source = chooseCredentialSource(settings);
  const rows = [
    ['tenant', settings.PARTNER_CENTER_TENANT_ID],
    ['app', settings.PARTNER_CENTER_CLIENT_ID],
    ['signs in at', authorityUrl],
    ['asks for', scopeOf(apiUrl)],
    ['comes back to', `${redirectUri}, which must be a Web redirect URI of the app (any port)`],
    ['reads', `the ${getCredentialName(source)} in secret ${source.secretName} of ${settings.KEY_VAULT_URL}`],
    ['calls', `GET ${apiUrl}/v1/customers/usagerecords, once`],
    ['writes', `secret ${settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME} of ${findRefreshTokenVault(settings)}`],
    ['vault as', who],
  ];
  const lines = rows.map(([name = '', value]) => `  ${name.padEnd(13)}  ${value}`);
  return ['A partner user signs in, with MFA, and the refresh token of that sign-in is stored.', '', ...lines].join(
    '\n',
  );
}
