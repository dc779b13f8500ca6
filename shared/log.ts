/** Every event this service logs, with its level: alert rules and docs/reference/log-events.md name events of this list only. */
export const logEvents = {
  'refresh.published': 'info',
  'refresh.unchanged': 'info',
  'refresh.skipped': 'debug',
  'refresh.failed': 'error',
  'refresh.quarantined': 'warn',
  'refresh.lease-lost': 'warn',
  'quarantine.accepted': 'info',
  'quarantine.not-accepted': 'warn',
  'history.folded': 'info',
  'history.failed': 'warn',
  'history.damaged': 'warn',
  'history.day-missing': 'warn',
  'history.day-not-kept': 'warn',
  'history.period-closed': 'info',
  'history.period-not-closed': 'warn',
  'history.unreadable': 'warn',
  'events.found': 'info',
  'events.not-compared': 'warn',
  'events.log-lost': 'warn',
  'upstream.retried': 'warn',
  'upstream.count-mismatch': 'warn',
  'upstream.odd-records': 'warn',
  'token.exchanged': 'info',
  'token.rotated': 'info',
  'token.store-failed': 'warn',
  'secret.stale': 'warn',
  'read.degraded': 'warn',
  'read.unavailable': 'error',
  'pointer.check-failed': 'warn',
  'pointer.damaged': 'warn',
  'pointer.newer': 'warn',
  'caller.refused': 'warn',
  'config.invalid': 'error',
  'request.failed': 'error',
} as const satisfies Record<string, 'debug' | 'info' | 'warn' | 'error'>;

export type LogEvent = keyof typeof logEvents;

/** What each event means, for the documents; the app does not load it. */
export const logEventMeanings: Readonly<Record<LogEvent, string>> = {
  'refresh.published': 'A new snapshot replaced the last good one.',
  'refresh.unchanged': 'The list is the same as before. `fetchedAt` is updated.',
  'refresh.skipped': 'A refresh was not due. `why` is one of the reasons below.',
  'refresh.failed': 'A refresh failed. `code` is a failure code. The last good snapshot stays.',
  'refresh.quarantined': 'A list or a body was refused and is kept in `blob`. The last good snapshot stays.',
  'refresh.lease-lost': 'The process lost the lease during a refresh and published nothing.',
  'quarantine.accepted': 'The list that `USAGE_ACCEPT_QUARANTINED` names replaced the last good snapshot.',
  'quarantine.not-accepted':
    'The list that `USAGE_ACCEPT_QUARANTINED` names was not accepted. `reason` is `not-a-list` (no such name), `too-old` (a newer list is served), `missing` or `corrupt`. Once per process.',
  'history.folded':
    'The daily figures of `days` kept days were added to `months` months of history. `isComplete` says whether older days are left for the next refresh.',
  'history.failed':
    'The history could not be written or read. The list was published all the same, without jumps in spending. The next refresh catches up.',
  'history.damaged':
    'A month of history is damaged. Its days are missing in answers, or some rows of them, until it is rebuilt from `daily/`.',
  'history.day-missing': 'The daily copy of `date` is damaged or missing, so the history has no figures for that day.',
  'history.day-not-kept':
    'No list was accepted on `days` whole UTC days from `date` on. Partner Center no longer has these days.',
  'history.period-closed': 'The first list of a later month was accepted. The last list of `period` is kept in `blob`.',
  'history.period-not-closed':
    'The last list of `period` is lost or damaged, so it was not kept under `monthly/`. The last daily copy of that month takes its place.',
  'history.unreadable':
    'A kept list is lost or damaged, so its day or month is answered with 404. `reason` is `missing` or `corrupt`. Once per process and blob.',
  'events.found':
    'A published list raised budget events: `count` in all, and the number of each kind. `droppedBytes` of the oldest events did not fit.',
  'events.not-compared':
    'The last good snapshot, or what was known of rows that it lacks, is lost or damaged. The new list was published. Rows without a known figure raise no event until the month ends.',
  'events.log-lost':
    'The event log is lost or damaged, or nothing was found for 62 days. A new log begins. Pollers miss no new event.',
  'upstream.retried':
    'A call to Partner Center (`usagerecords`) or Entra (`token`) failed. The service retries it after `waitMs`.',
  'upstream.count-mismatch': "Partner Center's `totalCount` is not the number of its items. The list is used.",
  'upstream.odd-records':
    '`oddRecordCount` records have a `member` that is not of the documented type. They are served as they are, and these figures count as unknown.',
  'token.exchanged': 'Entra issued an access token. `mfa` says whether the sign-in behind it had MFA.',
  'token.rotated': 'The new refresh token was stored. `ageDays` is the age of the one it replaced.',
  'token.store-failed': 'The new refresh token could not be stored. The service keeps it in memory and tries again.',
  'secret.stale': 'Key Vault failed, so the service uses the secret it has in memory.',
  'read.degraded': 'Answers now have this `state` and `reason`. Once per process and change.',
  'read.unavailable': 'A reader got a 503. `code` and `reason` say why.',
  'pointer.check-failed': 'A reader could not check for a newer snapshot and answers from the one in memory.',
  'pointer.damaged': '`current.json` is not a readable pointer. The next refresh replaces it.',
  'pointer.newer': 'A newer release of this service wrote `current.json`. This release reads it and refreshes nothing.',
  'caller.refused':
    'An Entra caller got 401 or 403. `reason` is `principal-missing`, `principal-malformed` or `role-missing`.',
  'config.invalid': 'Settings are bad or missing. `settings` lists them without their values. Once per process.',
  'request.failed': 'A defect: the caller got a 500. `error` and `at` say what failed and where.',
};

/** Counts, ids, durations, states and codes; never a secret, a token, a customer's name, an amount or a body. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes one structured line. Never throws. */
export type Log = (event: LogEvent, fields?: LogFields) => void;

/** The part of an invocation context that a log line is written to. */
export type LogSink = Readonly<Record<'debug' | 'info' | 'warn' | 'error', (line: string) => void>>;

/** A log that writes each event as one line of JSON at the event's own level. */
export function createLog(sink: LogSink, common: LogFields = {}): Log {
  return (event, fields = {}) => {
    sink[logEvents[event]](JSON.stringify({ event, ...common, ...fields }));
  };
}
