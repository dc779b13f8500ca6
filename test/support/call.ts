import type { OperationContext } from '../../shared/context.ts';
import type { LogEvent, LogFields } from '../../shared/log.ts';

type LoggedEvent = { readonly event: LogEvent } & LogFields;

/** A call whose log lines are kept, to be read as one story. */
export function createTestCall(signal: AbortSignal = new AbortController().signal) {
  const events: LoggedEvent[] = [];
  const call: OperationContext = {
    log: (event, fields = {}) => {
      events.push({ event, ...fields });
    },
    signal,
    correlationId: '0b7c1d52-3b0e-4a5e-9f6f-2f6b6f4f1a11',
  };
  return { call, events, names: () => events.map(({ event }) => event) };
}
