import { X509Certificate } from 'node:crypto';
import type { ClientAuth } from 'oauth4webapi';
import { systemClock as clock } from '../../shared/clock.ts';
import { dayMs } from '../../shared/days.ts';
import type { Settings } from '../../shared/settings.ts';
import { createOperation } from '../azure.ts';
import type { AzureIdentity } from '../azure.ts';
import { CommandError } from '../command-line.ts';
import { getCredentialName, openRefreshTokenVault, readCredential, vaultTimeoutMs } from '../credential.ts';
import type { Passed } from '../report.ts';

const refreshTokenDays = 90;
/** The service warns at the same age, when a month is left. */
const oldDays = 60;
const soonDays = 30;

/** Checks the app's credential and how long it is valid. */
export async function checkCredential(settings: Settings, identity: AzureIdentity): Promise<Passed<ClientAuth>> {
  const { auth, source, secret } = await readCredential(settings, identity);
  const expiresAt = source.kind === 'certificate' ? readCertificateEnd(secret.value) : secret.expiresAt;
  const detail = `secret ${source.secretName} holds the ${getCredentialName(source)}`;
  if (expiresAt === undefined) return { value: auth, detail };
  const daysLeft = Math.round((expiresAt - clock()) / dayMs);
  const cure = daysLeft < soonDays ? 'make a new one in the app registration and store it' : undefined;
  return { value: auth, detail: `${detail}, ${daysLeft} days left`, cure };
}

/** Checks that the refresh token exists and has not expired; the value is the token. */
export async function checkRefreshToken(settings: Settings, identity: AzureIdentity): Promise<Passed<string>> {
  const name = settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME;
  const vault = openRefreshTokenVault(settings, identity);
  const { value, createdAt = clock(), expiresAt } = await vault.get(name, createOperation(vaultTimeoutMs));
  const ageDays = Math.floor((clock() - createdAt) / dayMs);
  const endsAt = expiresAt ?? createdAt + refreshTokenDays * dayMs;
  const daysLeft = Math.round((endsAt - clock()) / dayMs);
  if (endsAt <= clock()) {
    throw new CommandError({
      what: `secret ${name} is ${ageDays} days old and has expired`,
      cure: 'npm run consent: a partner user signs in again, with MFA',
    });
  }
  const detail = `secret ${name} is ${ageDays} days old, ${daysLeft} days left`;
  const cure = 'see why the service does not store new ones: token.store-failed in its log; or npm run consent';
  return { value: value.trim(), detail, cure: ageDays >= oldDays ? cure : undefined };
}

function readCertificateEnd(pem: string): number {
  return new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'))).validToDate.getTime();
}

const storageScope = 'https://storage.azure.com/.default';

/** Checks that the identity gets tokens for the vault and for storage. */
export async function checkIdentity(settings: Settings, { credential, who }: AzureIdentity): Promise<Passed<true>> {
  const abortSignal = AbortSignal.timeout(30_000);
  for (const scope of [chooseVaultScope(settings.KEY_VAULT_URL), storageScope]) {
    // In turn: the first failure is reported.
    await credential.getToken(scope, { abortSignal });
  }
  return { value: true, detail: `${who} gets tokens for vault and storage` };
}

/** A vault of another cloud needs a token of that cloud. */
function chooseVaultScope(vaultUrl: string): string {
  const [, suffix = 'vault.azure.net'] =
    /\.(vault\.(?:usgovcloudapi\.net|azure\.cn))$/.exec(new URL(vaultUrl).hostname) ?? [];
  return `https://${suffix}/.default`;
}
