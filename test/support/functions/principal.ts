type Claim = { readonly typ: string; readonly val: string };

/** The header that App Service writes for a caller with these claims. */
export function principalHeader(claims: readonly Claim[], roleType = 'roles'): string {
  return encoded({ auth_typ: 'aad', claims, name_typ: 'name', role_typ: roleType });
}

/** The same for a caller with these app roles and the claims of every token. */
export function principalWithRoles(...roles: readonly string[]): string {
  return principalHeader([
    { typ: 'aud', val: 'api://usage' },
    { typ: 'name', val: 'Åsa Öberg' },
    ...roles.map((val) => ({ typ: 'roles', val })),
  ]);
}

/** Any value as base64 of its JSON. */
export function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
