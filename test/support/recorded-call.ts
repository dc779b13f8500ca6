import type { LogEvent } from '../../shared/log.ts';
import { createTestCall } from './call.ts';

/** A test call that can be aborted. */
export function createRecordedCall() {
  const controller = new AbortController();
  const { call, events } = createTestCall(controller.signal);
  return {
    call,
    events,
    /** What `field` was in each of the events of that name. */
    valuesOf: (name: LogEvent, field: string): unknown[] =>
      events.filter(({ event }) => event === name).map((logged) => logged[field]),
    abort: (): void => {
      controller.abort();
    },
  };
}
