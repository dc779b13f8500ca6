/** Clouds that offer the usage records; Germany's is closed and only kept because the documented page names it. */
export type PartnerCenterCloud = 'global' | 'usgov' | 'germany';

export type PartnerCenterEndpoints = {
  /** Entra, without a trailing slash. */
  readonly authorityUrl: string;
  /** The API without `/v1`, and the audience of its tokens; without a trailing slash. */
  readonly apiUrl: string;
};

// Partner Center docs, "Partner Center REST URLs": one API host for all three clouds, one authority each.
const apiUrl = 'https://api.partnercenter.microsoft.com';
const endpoints: Readonly<Record<PartnerCenterCloud, PartnerCenterEndpoints>> = {
  global: { authorityUrl: 'https://login.microsoftonline.com', apiUrl },
  usgov: { authorityUrl: 'https://login.microsoftonline.us', apiUrl },
  germany: { authorityUrl: 'https://login.microsoftonline.de', apiUrl },
};

export type EndpointOverrides = {
  readonly authorityUrl?: string | undefined;
  readonly apiUrl?: string | undefined;
};

/** The addresses of a cloud, each replaced by its override when there is one. */
export function resolvePartnerCenterEndpoints(
  cloud: PartnerCenterCloud,
  overrides: EndpointOverrides = {},
): PartnerCenterEndpoints {
  return {
    authorityUrl: overrides.authorityUrl ?? endpoints[cloud].authorityUrl,
    apiUrl: overrides.apiUrl ?? endpoints[cloud].apiUrl,
  };
}
