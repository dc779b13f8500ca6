import type { Settings } from '../../shared/settings.ts';
import type { AzureIdentity } from '../azure.ts';
import type { Passed } from '../report.ts';

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
