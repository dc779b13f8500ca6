import { describe, expect, it } from 'vitest';
import { describeEntra, resolvePartnerCenterEndpoints } from '../../shared/partner-center/endpoints.ts';

const none = { PARTNER_CENTER_AUTHORITY_URL: undefined, PARTNER_CENTER_API_URL: undefined };

describe('resolvePartnerCenterEndpoints', () => {
  it.each([
    ['global', 'https://login.microsoftonline.com'],
    ['usgov', 'https://login.microsoftonline.us'],
  ] as const)('for %s signs in at %s', (PARTNER_CENTER_CLOUD, authorityUrl) => {
    expect(resolvePartnerCenterEndpoints({ ...none, PARTNER_CENTER_CLOUD })).toEqual({
      authorityUrl,
      apiUrl: 'https://api.partnercenter.microsoft.com',
    });
  });

  it('takes each URL of the settings by itself', () => {
    const api = { ...none, PARTNER_CENTER_CLOUD: 'usgov', PARTNER_CENTER_API_URL: 'https://localhost:9443' } as const;
    const authority = {
      ...none,
      PARTNER_CENTER_CLOUD: 'global',
      PARTNER_CENTER_AUTHORITY_URL: 'https://localhost:9444',
    } as const;
    expect(resolvePartnerCenterEndpoints(api)).toEqual({
      authorityUrl: 'https://login.microsoftonline.us',
      apiUrl: 'https://localhost:9443',
    });
    expect(resolvePartnerCenterEndpoints(authority).authorityUrl).toBe('https://localhost:9444');
  });
});

describe('describeEntra', () => {
  it('names the tenant in the path', () => {
    expect(describeEntra('https://login.microsoftonline.com', 'contoso').token_endpoint).toBe(
      'https://login.microsoftonline.com/contoso/oauth2/v2.0/token',
    );
  });
});
