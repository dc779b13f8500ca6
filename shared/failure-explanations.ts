import type { FailureCode } from './errors.ts';

/** How to end a failure, in words. Log lines and `GET /api/health/ready` have the key as `cure`. */
export const cures = {
  wait: 'wait some minutes; the service tries again by itself',
  'sign-in': 'npm run consent: a partner user signs in again, with MFA',
  'sign-in-with-mfa': 'npm run consent, as a user who has set up MFA (https://aka.ms/mfasetup)',
  'app-consent':
    'add the delegated permission user_impersonation of "Microsoft Partner Center" (fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd) to the app registration, have an administrator grant it, then npm run consent',
  'access-policy':
    'an administrator finds the policy in the sign-in log of Entra and allows this user and app; then npm run consent',
  'user-account': 'repair the account of the user in Entra, then npm run consent; or npm run consent as another user',
  'user-role':
    'give the user the Admin agent role in Partner Center (Account settings, User management), wait some minutes, then npm run consent',
  'partner-account':
    'a global administrator of the partner checks agreement, program and country in Partner Center (Account settings)',
  'client-credential':
    'create a new client secret or certificate for the app registration and store it as a new version of the secret',
  configuration:
    'compare PARTNER_CENTER_TENANT_ID, PARTNER_CENTER_CLIENT_ID and PARTNER_CENTER_CLOUD with the app registration',
  address: 'remove or correct PARTNER_CENTER_API_URL, and check what stands between the service and Partner Center',
  network:
    'check the service health of Partner Center and Entra, and the outbound network; raise PARTNER_CENTER_TIMEOUT_SECONDS if a large list takes longer',
  report: 'report it to Partner Center with the upstreamRequestId and correlationId of the log line',
  defect: 'this is a defect of the service: report the log line and the version',
  'refused-answer':
    'read the refused answer in quarantine/; if Partner Center changed its format, install a new release of this service',
  'refused-list':
    'compare the refused list in quarantine/ with Partner Center; if it is right, wait, or accept it by its name (docs/operating.md)',
  'vault-access': 'check the role of the managed identity, the names of the secrets, and the firewall of the vault',
  'storage-access': 'check the role of the managed identity, the container, and the firewall of the storage account',
} as const;

export type Cure = keyof typeof cures;

/** Why something failed and how to end it, for the operator. Has no secret, no token and no name of a person or tenant. */
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
  UpstreamPartial: { cause: 'the pages of the list do not end, or lead to another host', cure: 'report' },
  UpstreamImplausible: { cause: 'the list differs too much from the last good one', cure: 'refused-list' },
  SecretsUnavailable: { cause: 'Key Vault gave no usable secret', cure: 'vault-access' },
  StorageUnavailable: { cause: 'blob storage failed', cure: 'storage-access' },
};

/** The same at length, for the documents; the app does not load it. */
export const failureMeanings: Readonly<Record<FailureCode, { readonly cause: string; readonly cure: string }>> = {
  UpstreamAuthRequired: {
    cause:
      'Entra refused the refresh token: unused for 90 days, revoked, password changed, consent withdrawn, or no MFA. Or Partner Center requires MFA (900421). `cure` in the log line says which.',
    cure: 'A partner user signs in with MFA (`npm run consent`), which stores a new version of the secret. The service does not try again until then.',
  },
  UpstreamForbidden: {
    cause:
      'Partner Center answered 403, or 401 even to a new token (roles, app-only token, wrong audience). Or Entra refused the app.',
    cure: '`cure` and `detail` in `GET /api/health/ready` say which of the [upstream codes](#upstream-codes) it is and what to do. The service finds a new version of the secret by itself.',
  },
  UpstreamThrottled: {
    cause: 'A 429, or a `Retry-After` longer than the refresh may last.',
    cure: 'Nothing: the service waits as long as it was asked to. If it happens again and again, something else uses the quota of this partner.',
  },
  UpstreamUnavailable: {
    cause:
      'Partner Center or Entra gave no complete answer in time: no connection, 404, 408 or 5xx. If `failure` names a JavaScript error, it is a defect of this service.',
    cure: 'Check service health, the outbound network and the two Partner Center URLs. Raise `PARTNER_CENTER_TIMEOUT_SECONDS` if a large list takes longer.',
  },
  UpstreamInvalid: {
    cause:
      'The answer is not the documented list: a refused request (400, 405, 409, 501, a redirect), not JSON, not the gzip it claims to be, too large, an item without an id, or more than 2% odd records. `upstreamCode`, or `reason` and `member`, in the log line say what and where.',
    cure: 'With an `upstreamCode`, see [upstream codes](#upstream-codes). Otherwise read the refused body in `quarantine/`. If Partner Center has changed its schema, this service needs a new release.',
  },
  UpstreamPartial: {
    cause: 'The pages do not end: a link leads back or to another host, or there are more than 1000 pages.',
    cure: 'It usually passes. If not, report `upstreamRequestId` to Partner Center. The page with the refused link is in `quarantine/`.',
  },
  UpstreamImplausible: {
    cause:
      'The list has less than half of the records of the last list accepted without doubt, or all its costs are zero after noon UTC of day 2.',
    cure: 'Compare the list with Partner Center. If it is right, wait: it is accepted if it still says the same 45 minutes later, an empty list a day later. Or [accept it by name](../operating.md#accept-a-refused-list). If it is wrong, report it to Partner Center.',
  },
  SecretsUnavailable: {
    cause:
      'The service could not read or write a secret in Key Vault. `secretName`, `status` and `errorCode` in the log line say which and why.',
    cure: '403: check the role of the managed identity and the firewall. 404: check the name of the secret. 429 and 5xx pass.',
  },
  StorageUnavailable: {
    cause:
      'The service could not read or write blob storage. `blob`, `status`, `errorCode` or `reason` in the log line say why.',
    cure: '403: check the role of the managed identity and the firewall. 404: the container is missing. `newer-version`: a newer release owns the pointer, so finish its roll-out. Anything else passes.',
  },
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
