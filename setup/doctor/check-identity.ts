import type { Settings } from '../../shared/config.ts';
import type { AzureIdentity } from '../azure.ts';
import type { Passed } from '../report.ts';

const storageScope = 'https://storage.azure.com/.default';

/** Whether tokens for the vault and for storage are to be had. */
export async function checkIdentity(settings: Settings, { credential, who }: AzureIdentity): Promise<Passed<true>> {
  const abortSignal = AbortSignal.timeout(30_000);
  for (const scope of [vaultScopeOf(settings.KEY_VAULT_URL), storageScope]) {
    // One after the other: the first failure says all.
    await credential.getToken(scope, { abortSignal });
  }
  return { value: true, detail: `${who} gets tokens for vault and storage` };
}

/** The vault of another cloud wants a token of that cloud. */
function vaultScopeOf(vaultUrl: string): string {
  const [, suffix = 'vault.azure.net'] =
    /\.(vault\.(?:usgovcloudapi\.net|azure\.cn|microsoftazure\.de))$/.exec(new URL(vaultUrl).hostname) ?? [];
  return `https://${suffix}/.default`;
}
