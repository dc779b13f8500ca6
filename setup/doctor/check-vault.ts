import { X509Certificate } from 'node:crypto';
import type { ClientAuth } from 'oauth4webapi';
import { systemClock as clock } from '../../shared/clock.ts';
import type { Settings } from '../../shared/config.ts';
import { createCall, openVault } from '../azure.ts';
import type { AzureIdentity } from '../azure.ts';
import { getCredentialName, chooseCredentialSource, resolveEndpoints, readCredential } from '../client-credential.ts';
import { findRefreshTokenVault } from '../consent/plan.ts';
import type { Passed } from '../report.ts';
import { buildTokenEndpoint } from '../consent/sign-in.ts';
import { SetupError } from '../trouble.ts';

const dayMs = 86_400_000;
const vaultMs = 30_000;
const refreshTokenDays = 90;
/** As the service's own warning: a month is left. */
const oldDays = 60;
const soonDays = 30;

/** The app's own credential: there, readable, and for how long. */
export async function checkCredential(settings: Settings, identity: AzureIdentity): Promise<Passed<ClientAuth>> {
  const source = chooseCredentialSource(settings);
  const { authorityUrl } = resolveEndpoints(settings);
  const audience = buildTokenEndpoint({ authorityUrl, tenantId: settings.PARTNER_CENTER_TENANT_ID });
  const vault = openVault(settings.KEY_VAULT_URL, identity);
  const { auth, secret } = await readCredential(vault, source, audience, createCall(vaultMs));
  const expiresAt = source.kind === 'certificate' ? endOf(secret.value) : secret.expiresAt;
  const detail = `secret ${source.secretName} holds the ${getCredentialName(source)}`;
  if (expiresAt === undefined) return { value: auth, detail };
  const daysLeft = Math.round((expiresAt - clock()) / dayMs);
  const cure = daysLeft < soonDays ? 'make a new one in the app registration and store it' : undefined;
  return { value: auth, detail: `${detail}, ${daysLeft} days left`, cure };
}

/** The refresh token: there, readable, not past its end. */
export async function checkRefreshToken(settings: Settings, identity: AzureIdentity): Promise<Passed<string>> {
  const name = settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME;
  const vault = openVault(findRefreshTokenVault(settings), identity);
  const { value, createdAt = clock(), expiresAt } = await vault.get(name, createCall(vaultMs));
  const ageDays = Math.floor((clock() - createdAt) / dayMs);
  const endsAt = expiresAt ?? createdAt + refreshTokenDays * dayMs;
  const daysLeft = Math.round((endsAt - clock()) / dayMs);
  if (endsAt <= clock()) {
    throw new SetupError({
      what: `secret ${name} is ${ageDays} days old and past its end`,
      cure: 'npm run consent: a partner user signs in anew, with MFA',
    });
  }
  const detail = `secret ${name} is ${ageDays} days old, ${daysLeft} days left`;
  const cure = 'see why the service does not store new ones: token.store-failed in its log; or npm run consent';
  return { value: value.trim(), detail, cure: ageDays >= oldDays ? cure : undefined };
}

function endOf(pem: string): number {
  return new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'))).validToDate.getTime();
}
