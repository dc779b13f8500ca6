import { describe, expect, it } from 'vitest';
import { createAuthorise } from '../../shared/http/caller.ts';
import type { CallerAuth } from '../../shared/http/caller.ts';
import { encoded, principalHeader, principalWithRoles } from '../support/functions/principal.ts';

const mapped = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';

function refusalOf(callerAuth: CallerAuth, header: string | undefined, role: 'Usage.Read' | 'Usage.Refresh') {
  const headers = new Headers(header === undefined ? {} : { 'x-ms-client-principal': header });
  try {
    createAuthorise(callerAuth)(headers, role);
    return undefined;
  } catch (error) {
    return Object(error).refusal?.reason;
  }
}

describe('createAuthorise', () => {
  it.each([
    ['the role among others', principalWithRoles('Other', 'Usage.Read'), undefined],
    ['both roles', principalWithRoles('Usage.Refresh', 'Usage.Read'), undefined],
    ['the role under the mapped claim type', principalHeader([{ typ: mapped, val: 'Usage.Read' }], mapped), undefined],
    [
      'the role under roles though another type is named',
      principalHeader([{ typ: 'roles', val: 'Usage.Read' }], mapped),
      undefined,
    ],
    ['no role type', encoded({ auth_typ: 'aad', claims: [{ typ: 'roles', val: 'Usage.Read' }] }), undefined],
    ['the other role only', principalWithRoles('Usage.Refresh'), 'role-missing'],
    ['no claim', principalWithRoles(), 'role-missing'],
    ['the role in another letter case', principalWithRoles('usage.read'), 'role-missing'],
    ['the role within a longer one', principalWithRoles('Usage.Read.All'), 'role-missing'],
    ['the role as a scope', principalHeader([{ typ: 'scp', val: 'Usage.Read' }]), 'role-missing'],
    [
      'the role under another type that is named',
      principalHeader([{ typ: 'name', val: 'Usage.Read' }], 'name'),
      'role-missing',
    ],
    [
      'a sign-in with another provider',
      encoded({ auth_typ: 'github', claims: [{ typ: 'roles', val: 'Usage.Read' }], role_typ: 'roles' }),
      'principal-malformed',
    ],
    ['the role under an unnamed mapped type', principalHeader([{ typ: mapped, val: 'Usage.Read' }]), 'role-missing'],
    ['no header', undefined, 'principal-missing'],
    ['an empty header', '', 'principal-malformed'],
    ['no base64', '{"claims":[]}', 'principal-malformed'],
    ['base64 cut off', principalWithRoles('Usage.Read').slice(0, -1), 'principal-malformed'],
    [
      'two headers joined',
      `${principalWithRoles('Usage.Read')},${principalWithRoles('Usage.Read')}`,
      'principal-malformed',
    ],
    ['no JSON', Buffer.from('roles=Usage.Read').toString('base64'), 'principal-malformed'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('base64'), 'principal-malformed'],
    ['JSON that is no object', encoded(['Usage.Read']), 'principal-malformed'],
    ['null', encoded(null), 'principal-malformed'],
    ['no claims', encoded({ auth_typ: 'aad', role_typ: 'roles' }), 'principal-malformed'],
    [
      'claims that are texts',
      encoded({ auth_typ: 'aad', claims: ['Usage.Read'], role_typ: 'roles' }),
      'principal-malformed',
    ],
    [
      'a claim whose value is no text',
      encoded({ auth_typ: 'aad', claims: [{ typ: 'roles', val: ['Usage.Read'] }] }),
      'principal-malformed',
    ],
    ['no kind of sign-in', encoded({ claims: [{ typ: 'roles', val: 'Usage.Read' }] }), 'principal-malformed'],
  ])('with entra, given %s', (_case, header, refusal) => {
    expect(refusalOf('entra', header, 'Usage.Read')).toBe(refusal);
  });

  it('lets nobody read who may only refresh, nor the other way round', () => {
    expect(refusalOf('entra', principalWithRoles('Usage.Refresh'), 'Usage.Refresh')).toBeUndefined();
    expect(refusalOf('entra', principalWithRoles('Usage.Read'), 'Usage.Refresh')).toBe('role-missing');
  });

  it.each([undefined, 'not base64!', principalWithRoles()])('with keys takes no notice of the header', (header) => {
    expect(refusalOf('key', header, 'Usage.Refresh')).toBeUndefined();
  });
});
