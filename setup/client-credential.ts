import type { ClientAuth } from 'oauth4webapi';
import type { OperationContext } from '../shared/context.ts';
import type { Settings } from '../shared/config.ts';
import { createClientAuth } from '../shared/partner-center/client-credential.ts';
import type { ClientCredentialSource } from '../shared/partner-center/client-credential.ts';
import { resolvePartnerCenterEndpoints } from '../shared/partner-center/endpoints.ts';
import type { PartnerCenterEndpoints } from '../shared/partner-center/endpoints.ts';
import type { Secret, SecretStore } from '../shared/secrets/secret-store.ts';

type CredentialSettings = Pick<
  Settings,
  'PARTNER_CENTER_CLIENT_SECRET_NAME' | 'PARTNER_CENTER_CLIENT_CERTIFICATE_NAME'
>;
type EndpointSettings = Pick<
  Settings,
  'PARTNER_CENTER_CLOUD' | 'PARTNER_CENTER_AUTHORITY_URL' | 'PARTNER_CENTER_API_URL'
>;

/** Where the app's own credential lies: the certificate when one is named, as in the app. */
export function chooseCredentialSource(settings: CredentialSettings): ClientCredentialSource {
  const certificate = settings.PARTNER_CENTER_CLIENT_CERTIFICATE_NAME;
  return certificate === undefined
    ? { kind: 'client-secret', secretName: settings.PARTNER_CENTER_CLIENT_SECRET_NAME }
    : { kind: 'certificate', secretName: certificate };
}

/** The kind of credential, for a person to read. */
export function getCredentialName({ kind }: ClientCredentialSource): string {
  return kind === 'certificate' ? 'certificate' : 'client secret';
}

/** Entra and the API, as the app finds them. */
export function resolveEndpoints(settings: EndpointSettings): PartnerCenterEndpoints {
  return resolvePartnerCenterEndpoints(settings.PARTNER_CENTER_CLOUD, {
    authorityUrl: settings.PARTNER_CENTER_AUTHORITY_URL,
    apiUrl: settings.PARTNER_CENTER_API_URL,
  });
}

/** The app's credential, read from the vault and fit for use. Throws DependencyError `SecretsUnavailable`. */
export async function readCredential(
  vault: SecretStore,
  source: ClientCredentialSource,
  audience: string,
  call: OperationContext,
): Promise<{ readonly auth: ClientAuth; readonly secret: Secret }> {
  const secret = await vault.get(source.secretName, call);
  return { auth: createClientAuth(source, secret, audience), secret };
}
