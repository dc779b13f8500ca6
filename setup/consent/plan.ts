import { chooseCredentialSource } from '../../shared/partner-center/client-credential.ts';
import { resolvePartnerCenterEndpoints } from '../../shared/partner-center/endpoints.ts';
import type { AzureIdentity } from '../azure.ts';
import { getCredentialName, getRefreshTokenVaultUrl } from '../credential.ts';
import type { ConsentSettings } from './settings.ts';
import { buildScope } from './sign-in.ts';

/** The text that says what the command is about to do, for the user to confirm. */
export function describePlan(settings: ConsentSettings, { who }: AzureIdentity, redirectUri: string): string {
  const { authorityUrl, apiUrl } = resolvePartnerCenterEndpoints(settings);
  const source = chooseCredentialSource(settings);
  const rows = [
    ['tenant', settings.PARTNER_CENTER_TENANT_ID],
    ['app', settings.PARTNER_CENTER_CLIENT_ID],
    ['signs in at', authorityUrl],
    ['asks for', buildScope(apiUrl)],
    ['redirects to', `${redirectUri}, which must be a Web redirect URI of the app (any port)`],
    ['reads', `the ${getCredentialName(source)} in secret ${source.secretName} of ${settings.KEY_VAULT_URL}`],
    ['calls', `GET ${apiUrl}/v1/customers/usagerecords, once`],
    ['writes', `secret ${settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME} of ${getRefreshTokenVaultUrl(settings)}`],
    ['vault as', who],
  ];
  const lines = rows.map(([name = '', value]) => `  ${name.padEnd(13)}  ${value}`);
  return ['A partner user signs in with MFA, and the refresh token of that sign-in is stored.', '', ...lines].join(
    '\n',
  );
}
