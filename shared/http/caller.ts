import { isUtf8 } from 'node:buffer';
import * as z from 'zod';
import { RefusedError } from '../errors.ts';
import type { CallerRefusal } from '../errors.ts';
import { parseJson } from '../parse-json.ts';
import type { HeaderReader } from './message.ts';

/** The app roles of this service. Neither includes the other. */
type Role = 'Usage.Read' | 'Usage.Refresh';

/** Who may call a route. */
export type Access = Role | 'anybody';

/** How callers authenticate: with function keys, or with Entra tokens that App Service authentication checked. */
export type CallerAuth = 'key' | 'entra';

/** Throws RefusedError `CallerRefused` when the caller is unknown or does not have the role. */
export type Authorise = (headers: HeaderReader, role: Role) => void;

/** Creates the check of app roles. With keys it checks nothing: the host has checked the key, and anybody can send a principal header. */
export function createAuthorise(callerAuth: CallerAuth): Authorise {
  return callerAuth === 'entra' ? requireRole : () => undefined;
}

/**
 * What App Service writes into `X-MS-CLIENT-PRINCIPAL` (Microsoft Learn, "Work with user identities in Azure App Service
 * authentication"): while it is on, it removes the header from what callers send.
 */
const principalSchema = z.looseObject({
  auth_typ: z.literal('aad'),
  claims: z.array(z.looseObject({ typ: z.string(), val: z.string() })),
  role_typ: z.string().nullish(),
});

type Principal = z.infer<typeof principalSchema>;

const base64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function requireRole(headers: HeaderReader, role: Role): void {
  const header = headers.get('x-ms-client-principal');
  if (header === null) throw refused('principal-missing', role);
  const principal = parsePrincipal(header);
  if (principal === undefined) throw refused('principal-malformed', role);
  if (!holdsRole(principal, role)) throw refused('role-missing', role);
}

function parsePrincipal(header: string): Principal | undefined {
  if (!base64.test(header)) return undefined;
  const bytes = Buffer.from(header, 'base64');
  return isUtf8(bytes) ? parseJson(bytes.toString(), principalSchema) : undefined;
}

/** What the platform may call the token's claim `roles`, and then says so in `role_typ`. */
const mappedRoles = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';

function holdsRole({ claims, role_typ: roleType }: Principal, role: Role): boolean {
  const roleClaims = roleType === mappedRoles ? ['roles', mappedRoles] : ['roles'];
  return claims.some(({ typ, val }) => val === role && roleClaims.includes(typ));
}

function refused(reason: CallerRefusal, role: Role): RefusedError {
  return new RefusedError({ kind: 'CallerRefused', reason, role });
}
