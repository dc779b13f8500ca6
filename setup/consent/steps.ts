import type { ClientAuth } from 'oauth4webapi';
import type { Dispatcher } from 'undici';
import { systemClock as clock } from '../../shared/clock.ts';
import { resolvePartnerCenterEndpoints } from '../../shared/partner-center/endpoints.ts';
import { toRefreshTokenSecret } from '../../shared/partner-center/refresh-token.ts';
import { createOperation } from '../azure.ts';
import type { AzureIdentity } from '../azure.ts';
import {
  getCredentialName,
  openRefreshTokenVault,
  readCredential,
  vaultTimeoutMs,
  getRefreshTokenVaultUrl,
} from '../credential.ts';
import type { Passed, Report } from '../report.ts';
import { checkClaims } from '../token-claims.ts';
import { checkUsageRecords } from '../usage-records.ts';
import type { ConsentSettings } from './settings.ts';
import { createSignIn, buildScope } from './sign-in.ts';
import type { SignIn, SignedIn } from './sign-in.ts';
import { chooseCredentialSource } from '../../shared/partner-center/client-credential.ts';

const tokenTimeoutMs = 60_000;

export type ConsentDeps = {
  readonly settings: ConsentSettings;
  readonly identity: AzureIdentity;
  readonly dispatcher: Dispatcher;
  readonly report: Report;
  readonly redirectUri: string;
  /** Sends the user to the sign-in page; resolves to the parameters of the redirect. */
  readonly authorize: (signIn: SignIn) => Promise<URLSearchParams>;
};

/** Runs and reports every step of the consent; stores the refresh token only when all steps before passed. */
export async function takeConsentSteps(deps: ConsentDeps): Promise<void> {
  const { report, settings } = deps;
  // First, because without it the sign-in would be in vain.
  const auth = await report.check('credential', async () => await findClientAuth(deps));
  if (auth === undefined) return;
  const signedIn = await report.check('sign-in', async () => await signUserIn(deps, auth));
  if (signedIn === undefined) return;
  const { accessToken } = signedIn;
  const { apiUrl } = resolvePartnerCenterEndpoints(settings);
  const expected = { apiUrl, tenantId: settings.PARTNER_CENTER_TENANT_ID };
  const isRight = await report.check('token', async () => checkClaims(accessToken, expected));
  if (isRight === undefined) return;
  const isAnswered = await report.check(
    'partner-center',
    async () => await checkUsageRecords(settings, deps.dispatcher, accessToken),
  );
  if (isAnswered !== undefined) await report.check('vault', async () => await store(deps, signedIn));
}

async function findClientAuth({ settings, identity }: ConsentDeps): Promise<Passed<ClientAuth>> {
  const { auth, source } = await readCredential(settings, identity);
  return { value: auth, detail: `the ${getCredentialName(source)} in secret ${source.secretName}` };
}

async function signUserIn(deps: ConsentDeps, auth: ClientAuth): Promise<Passed<SignedIn>> {
  const { settings, dispatcher, redirectUri } = deps;
  const signIn = await createSignIn({
    ...resolvePartnerCenterEndpoints(settings),
    dispatcher,
    redirectUri,
    tenantId: settings.PARTNER_CENTER_TENANT_ID,
    clientId: settings.PARTNER_CENTER_CLIENT_ID,
  });
  const signedIn = await signIn.redeem(await deps.authorize(signIn), auth, createOperation(tokenTimeoutMs));
  return { value: signedIn, detail: signedIn.who };
}

async function store({ settings, identity }: ConsentDeps, { refreshToken }: SignedIn): Promise<Passed<true>> {
  const name = settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME;
  const secret = toRefreshTokenSecret(refreshToken, clock());
  const vault = openRefreshTokenVault(settings, identity);
  const { version } = await vault.set(name, secret, createOperation(vaultTimeoutMs));
  const day = new Date(secret.expiresAt).toISOString().slice(0, 10);
  return { value: true, detail: `version ${version} of secret ${name}, which expires on ${day}` };
}

/** The text that says what the command is about to do, for the user to confirm. */
export function describePlan(settings: ConsentSettings, { who }: AzureIdentity, redirectUri: string): string {
  const { authorityUrl, apiUrl } = resolvePartnerCenterEndpoints(settings);
  const source = chooseCredentialSource(settings);
  const rows = [
    ['tenant', settings.PARTNER_CENTER_TENANT_ID],
    ['app', settings.PARTNER_CENTER_CLIENT_ID],
    ['signs in at', authorityUrl],
    ['asks for', buildScope(apiUrl)],
    ['redirects to', `${redirectUri}, which must be a Web redirect URI of the app (any port)`],
    ['reads', `the ${getCredentialName(source)} in secret ${source.secretName} of ${settings.KEY_VAULT_URL}`],
    ['calls', `GET ${apiUrl}/v1/customers/usagerecords, once`],
    ['writes', `secret ${settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME} of ${getRefreshTokenVaultUrl(settings)}`],
    ['vault as', who],
  ];
  const lines = rows.map(([name = '', value]) => `  ${name.padEnd(13)}  ${value}`);
  return ['A partner user signs in with MFA, and the refresh token of that sign-in is stored.', '', ...lines].join(
    '\n',
  );
}
