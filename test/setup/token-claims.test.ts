import { describe, expect, it } from 'vitest';
import { checkClaims, findClaimProblems } from '../../setup/token-claims.ts';

const tenantId = '3C5E1A52-8f0d-4d0b-9a5e-5b1f6f0c7d11';
const expected = { apiUrl: 'https://api.partnercenter.microsoft.com', tenantId };
const good = {
  aud: 'https://api.partnercenter.microsoft.com',
  tid: '3c5e1a52-8f0d-4d0b-9a5e-5b1f6f0c7d11',
  scp: 'profile user_impersonation',
  amr: ['pwd', 'mfa'],
};

function encodeToken(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}

describe('findClaimProblems', () => {
  it.each([
    ['the API', good.aud],
    ['the API with a slash', `${good.aud}/`],
    ['the app id of Partner Center', 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'],
  ])('finds nothing wrong with a token for %s', (_, aud) => {
    expect(findClaimProblems(encodeToken({ ...good, aud }), expected)).toEqual([]);
  });

  it.each([
    [{ amr: ['pwd'] }, 'the sign-in was without MFA'],
    [{ amr: undefined }, 'the sign-in was without MFA'],
    [{ aud: 'https://graph.windows.net' }, 'the token is for another API'],
    [{ scp: 'openid' }, 'the permission user_impersonation is missing'],
    [{ scp: undefined }, 'the permission user_impersonation is missing'],
    [{ tid: 'e4a1c0de-5b0b-4a2e-9d3c-7f1e2d3c4b5a' }, 'the user belongs to another tenant'],
    [{ tid: undefined }, 'the user belongs to another tenant'],
  ])('finds %o', (change, problem) => {
    expect(findClaimProblems(encodeToken({ ...good, ...change }), expected)).toEqual([problem]);
  });
});

describe('checkClaims', () => {
  it('leaves a token that cannot be read to Partner Center', () => {
    expect(checkClaims('opaque', expected).detail).toBe('its claims cannot be read: Partner Center decides');
  });

  it('names everything that is wrong', () => {
    expect(() => checkClaims(encodeToken({ aud: 'x' }), expected)).toThrow(
      'the sign-in was without MFA; the token is for another API; the permission user_impersonation is missing; the user belongs',
    );
  });
});
