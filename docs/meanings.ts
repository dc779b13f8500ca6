import type { FailureCode } from '../shared/errors.ts';
import type { LogEvent } from '../shared/log.ts';
import type { SkipReason } from '../shared/refresh/due.ts';
import type { Health } from '../shared/contract/health-schema.ts';

/*
 * What the documents say of the closed lists in the code. Every record is exhaustive: a new code, event or route does not compile
 * until it is explained here.
 */

/** Where a failure comes from, and what ends it. */
export const failureMeanings: Readonly<Record<FailureCode, { readonly cause: string; readonly cure: string }>> = {
  UpstreamAuthRequired: {
    cause:
      'Entra refused the refresh token (unused for 90 days, revoked, password changed, consent withdrawn, MFA missing), or Partner Center wants MFA (900421). `cure` in the log line says which.',
    cure: 'A partner user signs in with MFA, consents, and the new refresh token is stored as a new version of the secret. Nothing is tried until then.',
  },
  UpstreamForbidden: {
    cause:
      'Partner Center answered 403, or 401 even to a new token (roles, app-only token, wrong audience); or Entra refused the app.',
    cure: '`cure` and `detail` in `GET /api/health/ready` say which of the [upstream codes](#upstream-codes) it is and what to do. A new secret version is found by itself.',
  },
  UpstreamThrottled: {
    cause: '429, or a `Retry-After` longer than the refresh may last.',
    cure: 'None needed: the wait that was asked for is kept. If it returns, something else spends the quota of this partner.',
  },
  UpstreamUnavailable: {
    cause:
      'No connection, no complete answer in time, 404, 408 or 5xx, from Partner Center or Entra; a JavaScript error named in `failure`: a defect of this service.',
    cure: 'Check service health, outbound network and the two Partner Center URLs; raise `PARTNER_CENTER_TIMEOUT_SECONDS` if a large list takes longer.',
  },
  UpstreamInvalid: {
    cause:
      'An answer that is not the documented list: a refused request (400, 405, 409, 501, a redirect), no JSON, not gzip though it says so, too large, an item without an id, or more than 2 % odd records; `upstreamCode`, or `reason` and `member` in the log line say what and where.',
    cure: 'With an `upstreamCode` see [upstream codes](#upstream-codes). Else read the refused body in `quarantine/`: if Partner Center changed the schema, this service needs a new release.',
  },
  UpstreamPartial: {
    cause: 'The walk over the pages did not end: a link back, a link to another host, or more than 1000 pages.',
    cure: 'Usually passes; else report `upstreamRequestId` to Partner Center. The page with the refused link lies in `quarantine/`.',
  },
  UpstreamImplausible: {
    cause:
      'The list has less than half of the records of the last one accepted without doubt, or all its costs are zero after noon UTC of day 2.',
    cure: 'Compare with Partner Center. If the list is right, wait: it is accepted when it still says the same 45 minutes later, an empty one a day later. Or [accept it by name](../operating.md#accept-a-refused-list). If not, report it.',
  },
  SecretsUnavailable: {
    cause:
      'Key Vault did not give or take a secret; `secretName`, `status` and `errorCode` in the log line say which and why.',
    cure: '403: role of the managed identity, or the firewall. 404: name of the secret. 429 and 5xx pass.',
  },
  StorageUnavailable: {
    cause: 'Blob storage did not do its part; `blob`, `status`, `errorCode` or `reason` in the log line say what.',
    cure: '403: role of the managed identity, or the firewall. 404: the container is missing. `newer-version`: a newer release keeps the pointer, finish its roll-out. The rest passes.',
  },
};

/** What an event tells; `null` as long as no code emits it. */
export const eventMeanings: Readonly<Record<LogEvent, string | null>> = {
  'refresh.published': 'A new list replaced the last good one.',
  'refresh.unchanged': 'Partner Center said the same as before; only `fetchedAt` moved.',
  'refresh.skipped': 'A refresh was not due; `why` is one of the reasons below.',
  'refresh.failed': 'A refresh failed; `code` is a failure code. The last good list stays.',
  'refresh.quarantined': 'A list or a body was refused and lies in `blob`. The last good list stays.',
  'refresh.lease-lost': 'The lock was lost during a refresh, which published nothing.',
  'quarantine.accepted': 'The list that `USAGE_ACCEPT_QUARANTINED` names replaced the last good one.',
  'quarantine.not-accepted':
    'It did not: `reason` is `not-a-list` (no such name), `too-old` (a newer list is served), `missing` or `corrupt`. Once per process.',
  'events.found':
    'A published list brought budget events: `count` in all and how many of each kind. `droppedBytes` of the oldest did not fit.',
  'events.not-compared':
    'The last good list, or what was known of rows that it lacks, is lost or damaged. The new list was published; rows without a known figure raise no event until the month ends.',
  'events.log-lost':
    'The events found so far are lost or damaged, or nothing was found for 62 days; a new log begins. Pollers miss nothing new.',
  'upstream.retried':
    'A call to Partner Center (`usagerecords`) or Entra (`token`) failed and is tried again after `waitMs`.',
  'upstream.count-mismatch': "Partner Center's `totalCount` is not the number of its items. The list is used.",
  'upstream.odd-records':
    '`oddRecordCount` records of the list are not what the schema says in `member`; they are served as they are, and these figures count as unknown.',
  'token.exchanged': 'Entra gave an access token; `mfa` says whether the sign-in behind it had MFA.',
  'token.rotated': 'The new refresh token was stored; `ageDays` is the age of the one it replaced.',
  'token.store-failed': 'The new refresh token could not be stored. It is kept in memory and tried again.',
  'secret.stale': 'Key Vault failed and the remembered secret is used.',
  'read.degraded': 'Answers now come with this `state` and `reason`. Once per process and change.',
  'read.unavailable': 'A reader got 503; `code` and `reason` say why.',
  'pointer.check-failed': 'A reader could not look for a newer list, and answers from what it holds.',
  'pointer.damaged': '`current.json` could not be read as a pointer. The next refresh replaces it.',
  'pointer.newer': 'A newer version of this service wrote `current.json`; this one reads it and refreshes nothing.',
  'caller.refused':
    'An Entra caller got 401 or 403: `reason` is `principal-missing`, `principal-malformed` or `role-missing`.',
  'config.invalid': 'Settings are bad or missing; `settings` lists them without their values. Once per process.',
  'config.warning': 'A setting is accepted but odd; `warning` says why. Once per process.',
  'request.failed': 'A defect: the caller got 500. `error` and `at` say what and where.',
};

/** `why` of `refresh.skipped`. */
export const skipMeanings: Readonly<Record<SkipReason, string>> = {
  'not-due': 'The last success is younger than `USAGE_REFRESH_INTERVAL_MINUTES`.',
  recent: 'The last success is less than 5 minutes old; nobody may refresh sooner.',
  'backing-off': 'The last attempt failed, and its wait is not over.',
  'waiting-for-token': 'The refresh token was refused, and the secret has no new version yet.',
  'lease-held': 'Another process is refreshing.',
  'newer-pointer': 'A newer release of this service keeps the pointer.',
};

/** `warnings` of `GET /api/health/ready`. */
export const warningMeanings: Readonly<Record<Health['warnings'][number], string>> = {
  'data-old': 'The last good list is older than two refresh intervals.',
  'token-old': 'The stored refresh token is 60 days old or more; it dies at 90.',
  'refresh-failed': 'The last refresh failed; `lastFailure` says why and when the next may start.',
  'odd-records': 'Some records are not what the schema says; `upstream.odd-records` in the log names the members.',
};
