import type { CallerAuth } from '../http/caller.ts';
import { apiVersions } from '../query/parameters.ts';
import type { JsonObject } from './json-schema.ts';
import type { ContractRoute } from './operations.ts';
import { toTitle } from './json-schema.ts';

/** The service that a description is about, as it is configured and called. */
export type DescribedService = {
  /** The URL that paths start from, without a trailing slash. */
  readonly baseUrl: string;
  readonly callerAuth: CallerAuth;
  /** In percent, ascending. */
  readonly thresholds: readonly number[];
  readonly routes: readonly ContractRoute[];
};

/** The head of both descriptions. */
export const info = {
  title: 'Partner Usage',
  version: apiVersions[0],
  description:
    "Estimated Azure usage of a partner's customers against their budgets, as Partner Center has it, served from a stored snapshot. " +
    'Figures are estimates for the current month, not an invoice.',
  contact: { name: 'The operator of this service', url: 'https://learn.microsoft.com/partner-center/' },
} as const;

/** The groups of operations. */
export const tags = [
  { name: 'Usage', description: 'Usage records, totals and budget events.' },
  { name: 'Refresh', description: 'Fetching from Partner Center now.' },
  { name: 'Health', description: 'The state of the service.' },
  { name: 'Description', description: 'Descriptions of this service for tools.' },
] as const;

/** The name of each security scheme and the scopes it needs. */
export const signIn = {
  key: { name: 'functionKey', scopes: [] },
  entra: { name: 'entra', scopes: ['user_impersonation'] },
} as const satisfies Record<CallerAuth, { name: string; scopes: readonly string[] }>;

/** The security scheme of callers with a function key. */
export const keySignIn = {
  type: 'apiKey',
  in: 'header',
  name: 'x-functions-key',
  description: 'A function key of the service.',
} as const;

const authority = 'https://login.microsoftonline.com/organizations/oauth2/v2.0';

/** Entra's URLs for delegated sign-in. The scope's full name begins with the Application ID URI of the service. */
export const entraSignIn = {
  authorizationUrl: `${authority}/authorize`,
  tokenUrl: `${authority}/token`,
  scopes: { user_impersonation: 'Call the service as the signed-in user, who needs its app role.' },
} as const;

/** The path of a route, without the host's constraints on its parameters. */
export function toPath({ route }: ContractRoute): string {
  return `/${route.replaceAll(/:\w+\}/g, '}')}`;
}

/** The parameters in the path of a route. All are ids of customers. */
export function describePathParameters({ route }: ContractRoute): (JsonObject & { readonly name: string })[] {
  return Array.from(route.matchAll(/\{(\w+)/g), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: `${toTitle(name)} of the rows.`,
  }));
}
