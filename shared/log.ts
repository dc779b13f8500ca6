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
  'config.warning': 'warn',
  'request.failed': 'error',
} as const satisfies Record<string, 'debug' | 'info' | 'warn' | 'error'>;

export type LogEvent = keyof typeof logEvents;

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
