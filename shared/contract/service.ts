import type { CallerAuth } from '../http/caller.ts';
import { apiVersions } from '../query/parameters.ts';
import type { ContractRoute } from './operations.ts';

/** What a description is of: the service as it is configured and called. */
export type DescribedService = {
  /** The address that paths stand below, without a slash behind it. */
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
    "Estimated Azure usage of a partner's customers against their budgets, as Partner Center has it, served from a warmed snapshot. " +
    'Figures are estimates of the current month and no invoice.',
  contact: { name: 'The operator of this service', url: 'https://learn.microsoft.com/partner-center/' },
} as const;

/** What operations are grouped by. */
export const tags = [
  { name: 'Usage', description: 'Usage records, totals and budget events.' },
  { name: 'Refresh', description: 'Asking Partner Center now.' },
  { name: 'Health', description: 'How the service does.' },
  { name: 'Description', description: 'What this service offers, for tools.' },
] as const;

/** The name of the way callers sign in, and the scope it needs. */
export const signIn = {
  key: { name: 'functionKey', scopes: [] },
  entra: { name: 'entra', scopes: ['user_impersonation'] },
} as const satisfies Record<CallerAuth, { name: string; scopes: readonly string[] }>;

const authority = 'https://login.microsoftonline.com/organizations/oauth2/v2.0';

/** Entra's addresses for delegated sign-in. The scope's full name begins with the Application ID URI of the service. */
export const entraSignIn = {
  authorizationUrl: `${authority}/authorize`,
  tokenUrl: `${authority}/token`,
  scopes: { user_impersonation: 'Call the service as the signed-in user, who needs its app role.' },
} as const;

/** Paths of descriptions have no route constraints. */
export function toPath({ route }: ContractRoute): string {
  return `/${route.replaceAll(/:\w+\}/g, '}')}`;
}

/** The names of a route's path parameters. */
export function parsePathParameters({ route }: ContractRoute): string[] {
  return [...route.matchAll(/\{(\w+)/g)].flatMap(([, name]) => name ?? []);
}
