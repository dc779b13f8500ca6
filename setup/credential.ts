import type { ClientAuth } from 'oauth4webapi';
import type { Settings } from '../shared/settings.ts';
import { chooseCredentialSource, createClientAuth } from '../shared/partner-center/client-credential.ts';
import type { ClientCredentialSource } from '../shared/partner-center/client-credential.ts';
import { describeEntra, resolvePartnerCenterEndpoints } from '../shared/partner-center/endpoints.ts';
import { openKeyVault } from '../shared/secrets/key-vault.ts';
import type { Secret, SecretStore } from '../shared/secrets/key-vault.ts';
import { createOperation } from './azure.ts';
import type { AzureIdentity } from './azure.ts';

/** How long one request to the vault may take. */
export const vaultTimeoutMs = 30_000;

type VaultSettings = Pick<Settings, 'KEY_VAULT_URL' | 'REFRESH_TOKEN_VAULT_URL'>;
type CredentialSettings = Pick<
  Settings,
  | 'KEY_VAULT_URL'
  | 'PARTNER_CENTER_TENANT_ID'
  | 'PARTNER_CENTER_CLIENT_SECRET_NAME'
  | 'PARTNER_CENTER_CLIENT_CERTIFICATE_NAME'
  | 'PARTNER_CENTER_CLOUD'
  | 'PARTNER_CENTER_AUTHORITY_URL'
  | 'PARTNER_CENTER_API_URL'
>;

/** The app's credential: how it authenticates a token request, and the secret it comes from. */
export type Credential = {
  readonly auth: ClientAuth;
  readonly source: ClientCredentialSource;
  readonly secret: Secret;
};

/** The app's credential from the vault, checked for use. Throws DependencyError `SecretsUnavailable`. */
export async function readCredential(settings: CredentialSettings, identity: AzureIdentity): Promise<Credential> {
  const source = chooseCredentialSource(settings);
  const { authorityUrl } = resolvePartnerCenterEndpoints(settings);
  const vault = openKeyVault(settings.KEY_VAULT_URL, identity.credential);
  const secret = await vault.get(source.secretName, createOperation(vaultTimeoutMs));
  const { token_endpoint: audience } = describeEntra(authorityUrl, settings.PARTNER_CENTER_TENANT_ID);
  return { auth: createClientAuth(source, secret, audience), source, secret };
}

/** The kind of credential, in words. */
export function getCredentialName({ kind }: ClientCredentialSource): string {
  return kind === 'certificate' ? 'certificate' : 'client secret';
}

/** The URL of the vault that holds the refresh token. */
export function getRefreshTokenVaultUrl(settings: VaultSettings): string {
  return settings.REFRESH_TOKEN_VAULT_URL ?? settings.KEY_VAULT_URL;
}

/** The vault that holds the refresh token. */
export function openRefreshTokenVault(settings: VaultSettings, { credential }: AzureIdentity): SecretStore {
  return openKeyVault(getRefreshTokenVaultUrl(settings), credential);
}
