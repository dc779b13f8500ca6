import type { FailureCode } from './errors.ts';

/** What ends a failure, in words. The name is `cure` in log lines and in `GET /api/health/ready`. */
export const cures = {
  wait: 'wait some minutes: the service tries again by itself',
  'sign-in': 'npm run consent: a partner user signs in again, with MFA',
  'sign-in-with-mfa': 'npm run consent, as a user who has set up MFA (https://aka.ms/mfasetup)',
  'app-consent':
    'add the delegated permission user_impersonation of "Microsoft Partner Center" (fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd) to the app registration, have an administrator grant it, then npm run consent',
  'access-policy':
    'an administrator finds the policy in the sign-in log of Entra and lets this user and app pass; then npm run consent',
  'user-account': 'repair the account of the user in Entra, then npm run consent; or npm run consent as another user',
  'user-role':
    'give the user the Admin agent role in Partner Center (Account settings, User management), wait some minutes, then npm run consent',
  'partner-account':
    'a global administrator of the partner checks agreement, program and country in Partner Center (Account settings)',
  'client-credential':
    'make a new client secret or certificate for the app registration and store it as a new version of the secret',
  configuration:
    'compare PARTNER_CENTER_TENANT_ID, PARTNER_CENTER_CLIENT_ID and PARTNER_CENTER_CLOUD with the app registration',
  address: 'remove or correct PARTNER_CENTER_API_URL, and check what stands between the service and Partner Center',
  network:
    'check the service health of Partner Center and Entra, and the outbound network; raise PARTNER_CENTER_TIMEOUT_SECONDS if a large list takes longer',
  report: 'report it to Partner Center with the upstreamRequestId and correlationId of the log line',
  defect: 'report the log line and the version: it is a defect of this service',
  'refused-answer':
    'read the refused answer in quarantine/; if Partner Center changed its format, install a new release of this service',
  'refused-list':
    'compare the refused list in quarantine/ with Partner Center; if it is right, wait, or accept it by its name (docs/operating.md)',
  'vault-access': 'check the role of the managed identity, the names of the secrets, and the firewall of the vault',
  'storage-access': 'check the role of the managed identity, the container, and the firewall of the storage account',
} as const;

export type Cure = keyof typeof cures;

/** Why something failed and what ends it, for the operator. Holds no secret, no token and no name of a person or tenant. */
export type Explanation = {
  /** The other side's own code: `900421` of Partner Center, `AADSTS700082` or `invalid_grant` of Entra. */
  readonly upstreamCode?: string | undefined;
  readonly cause: string;
  readonly cure: Cure;
  /** What to do, when that is more than the cure says. */
  readonly action?: string | undefined;
};

/** What is known of a failure without a code of the other side. */
export const explanations: Readonly<Record<FailureCode, Explanation>> = {
  UpstreamAuthRequired: { cause: 'Entra or Partner Center refused the sign-in', cure: 'sign-in' },
  UpstreamForbidden: { cause: 'Entra or Partner Center refused the app', cure: 'configuration' },
  UpstreamThrottled: { cause: 'Partner Center or Entra asked to wait', cure: 'wait' },
  UpstreamUnavailable: { cause: 'no complete answer came from Partner Center or Entra', cure: 'network' },
  UpstreamInvalid: { cause: 'an answer was not the documented list', cure: 'refused-answer' },
  UpstreamPartial: { cause: 'the pages of the list have no end, or lead elsewhere', cure: 'report' },
  UpstreamImplausible: { cause: 'the list differs too much from the last good one', cure: 'refused-list' },
  SecretsUnavailable: { cause: 'Key Vault gave no usable secret', cure: 'vault-access' },
  StorageUnavailable: { cause: 'blob storage failed', cure: 'storage-access' },
};

/** What to do, in words. */
export function getAction({ cure, action }: Pick<Explanation, 'cure' | 'action'>): string {
  return action ?? cures[cure];
}

/** Cause and action as two sentences, with the upstream code when there is one. */
export function describeExplanation(explanation: Explanation): string {
  const { cause, upstreamCode } = explanation;
  const what = upstreamCode === undefined ? cause : `${cause} (${upstreamCode})`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}. What to do: ${getAction(explanation)}.`;
}
