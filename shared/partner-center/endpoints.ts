import type { AuthorizationServer } from 'oauth4webapi';
import type { Settings } from '../settings.ts';

export type PartnerCenterEndpoints = {
  /** Entra, without a trailing slash. */
  readonly authorityUrl: string;
  /** The API without `/v1`, and the audience of its tokens; without a trailing slash. */
  readonly apiUrl: string;
};

type EndpointSettings = Pick<
  Settings,
  'PARTNER_CENTER_CLOUD' | 'PARTNER_CENTER_AUTHORITY_URL' | 'PARTNER_CENTER_API_URL'
>;

// Partner Center docs, "Partner Center REST URLs": one API host for all clouds, one authority each.
const apiUrl = 'https://api.partnercenter.microsoft.com';
const authorityUrls: Readonly<Record<Settings['PARTNER_CENTER_CLOUD'], string>> = {
  global: 'https://login.microsoftonline.com',
  usgov: 'https://login.microsoftonline.us',
};

/** The addresses of the cloud in the settings; a URL in the settings replaces the cloud's own. */
export function resolvePartnerCenterEndpoints(settings: EndpointSettings): PartnerCenterEndpoints {
  return {
    authorityUrl: settings.PARTNER_CENTER_AUTHORITY_URL ?? authorityUrls[settings.PARTNER_CENTER_CLOUD],
    apiUrl: settings.PARTNER_CENTER_API_URL ?? apiUrl,
  };
}

/** Entra as the authorization server of a tenant. Its token endpoint is also the audience of a client assertion. */
export function describeEntra(authorityUrl: string, tenantId: string) {
  const tenantUrl = `${authorityUrl}/${tenantId}`;
  return {
    issuer: `${tenantUrl}/v2.0`,
    authorization_endpoint: `${tenantUrl}/oauth2/v2.0/authorize`,
    token_endpoint: `${tenantUrl}/oauth2/v2.0/token`,
  } satisfies AuthorizationServer;
}
