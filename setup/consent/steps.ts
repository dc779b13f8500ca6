import type { Dispatcher } from 'undici';
import type { ClientAuth } from 'oauth4webapi';
import { systemClock as clock } from '../../shared/clock.ts';
import { toRefreshTokenSecret } from '../../shared/partner-center/refresh-token.ts';
import { createCall, openVault } from '../azure.ts';
import type { AzureIdentity } from '../azure.ts';
import { getCredentialName, chooseCredentialSource, resolveEndpoints, readCredential } from '../client-credential.ts';
import { findRefreshTokenVault } from './plan.ts';
import type { ConsentSettings } from './settings.ts';
import type { Passed, Report } from '../report.ts';
import { createSignIn, buildTokenEndpoint } from './sign-in.ts';
import type { SignIn, SignedIn } from './sign-in.ts';
import { checkClaims } from '../token-claims.ts';
import { countUsageRecords } from '../doctor/usage-call.ts';

const vaultMs = 30_000;
const tokenMs = 60_000;

export type ConsentDeps = {
  readonly settings: ConsentSettings;
  readonly identity: AzureIdentity;
  readonly dispatcher: Dispatcher;
  readonly report: Report;
  readonly redirectUri: string;
  /** Leads the person to the sign-in page and gives the answer that comes back. */
  readonly authorize: (signIn: SignIn) => Promise<URLSearchParams>;
};

/** Every step of the consent, each reported; nothing is stored unless all before went well. */
export async function giveConsent(deps: ConsentDeps): Promise<void> {
  const { report, settings } = deps;
  // First, so that nobody signs in for nothing.
  const auth = await report.check('credential', async () => await readClientAuth(deps));
  if (auth === undefined) return;
  const signedIn = await report.check('sign-in', async () => await signUserIn(deps, auth));
  if (signedIn === undefined) return;
  const { accessToken } = signedIn;
  const { apiUrl } = resolveEndpoints(settings);
  const expected = { apiUrl, tenantId: settings.PARTNER_CENTER_TENANT_ID };
  const isRight = await report.check('token', async () => checkClaims(accessToken, expected));
  if (isRight === undefined) return;
  const isAnswered = await report.check('partner-center', async () => {
    const timeoutMs = settings.PARTNER_CENTER_TIMEOUT_SECONDS * 1000;
    const usage = { dispatcher: deps.dispatcher, apiUrl, accessToken, timeoutMs };
    return { value: true, detail: await countUsageRecords(usage, createCall(timeoutMs)) };
  });
  if (isAnswered !== undefined) await report.check('vault', async () => await store(deps, signedIn));
}

async function readClientAuth({ settings, identity }: ConsentDeps): Promise<Passed<ClientAuth>> {
  const source = chooseCredentialSource(settings);
  const vault = openVault(settings.KEY_VAULT_URL, identity);
  const { authorityUrl } = resolveEndpoints(settings);
  const audience = buildTokenEndpoint({ authorityUrl, tenantId: settings.PARTNER_CENTER_TENANT_ID });
  const { auth } = await readCredential(vault, source, audience, createCall(vaultMs));
  return { value: auth, detail: `the ${getCredentialName(source)} in secret ${source.secretName}` };
}

async function signUserIn(deps: ConsentDeps, auth: ClientAuth): Promise<Passed<SignedIn>> {
  const { settings, dispatcher, redirectUri } = deps;
  const signIn = await createSignIn({
    ...resolveEndpoints(settings),
    dispatcher,
    redirectUri,
    tenantId: settings.PARTNER_CENTER_TENANT_ID,
    clientId: settings.PARTNER_CENTER_CLIENT_ID,
  });
  const signedIn = await signIn.redeem(await deps.authorize(signIn), auth, createCall(tokenMs));
  return { value: signedIn, detail: signedIn.who };
}

async function store({ settings, identity }: ConsentDeps, { refreshToken }: SignedIn): Promise<Passed<true>> {
  const url = findRefreshTokenVault(settings);
  const name = settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME;
  const secret = toRefreshTokenSecret(refreshToken, clock());
  const { version } = await openVault(url, identity).set(name, secret, createCall(vaultMs));
  const day = new Date(secret.expiresAt).toISOString().slice(0, 10);
  return { value: true, detail: `version ${version} of secret ${name}, which expires on ${day}` };
}
