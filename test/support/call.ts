import type { OperationContext } from '../../shared/context.ts';
import type { LogEvent, LogFields } from '../../shared/log.ts';

type LoggedEvent = { readonly event: LogEvent } & LogFields;

/** A call whose log lines are kept, to be read as one story. It ends with `signal`, or by `abort`. */
export function createTestCall(signal?: AbortSignal) {
  const controller = new AbortController();
  const events: LoggedEvent[] = [];
  const call: OperationContext = {
    log: (event, fields = {}) => {
      events.push({ event, ...fields });
    },
    signal: signal ?? controller.signal,
    correlationId: '0b7c1d52-3b0e-4a5e-9f6f-2f6b6f4f1a11',
  };
  return {
    call,
    events,
    names: () => events.map(({ event }) => event),
    /** What `field` was in each of the events of that name. */
    valuesOf: (name: LogEvent, field: string): unknown[] =>
      events.filter(({ event }) => event === name).map((logged) => logged[field]),
    abort: (): void => controller.abort(),
  };
}
