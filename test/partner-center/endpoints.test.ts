import { describe, expect, it } from 'vitest';
import { resolvePartnerCenterEndpoints } from '../../shared/partner-center/endpoints.ts';

describe('partnerCenterEndpointsOf', () => {
  it.each([
    ['global', 'https://login.microsoftonline.com'],
    ['usgov', 'https://login.microsoftonline.us'],
    ['germany', 'https://login.microsoftonline.de'],
  ] as const)('for %s signs in at %s', (cloud, authorityUrl) => {
    expect(resolvePartnerCenterEndpoints(cloud)).toEqual({
      authorityUrl,
      apiUrl: 'https://api.partnercenter.microsoft.com',
    });
  });

  it('takes each override by itself', () => {
    expect(resolvePartnerCenterEndpoints('usgov', { apiUrl: 'https://localhost:9443' })).toEqual({
      authorityUrl: 'https://login.microsoftonline.us',
      apiUrl: 'https://localhost:9443',
    });
    expect(resolvePartnerCenterEndpoints('global', { authorityUrl: 'https://localhost:9444' }).authorityUrl).toBe(
      'https://localhost:9444',
    );
  });
});
