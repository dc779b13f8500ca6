import type { InvocationContext } from '@azure/functions';
import type { Clock } from '../clock.ts';
import { createLog } from '../log.ts';
import type { Log } from '../log.ts';

/** The logs of all invocations of this process. */
export type InvocationLogs = {
  /**
   * The log of an invocation that starts. Work that outlives the invocation, such as a refresh nobody waits for any longer, keeps
   * this log: its lines go to another running invocation, or to the next one to start, and then say when they occurred.
   */
  start(context: InvocationContext): Log;
  /** The host drops what is logged through the invocation from now on. */
  end(context: InvocationContext): void;
};

export function createInvocationLogs(clock: Clock): InvocationLogs {
  const running = new Set<InvocationContext>();
  const waiting: ((context: InvocationContext) => void)[] = [];

  return {
    start(context) {
      const requestId = context.invocationId;
      running.add(context);
      if (waiting.length > 0) for (const write of waiting.splice(0)) write(context);
      return (event, fields) => {
        const [open] = running.has(context) ? [context] : running;
        if (open !== undefined) return createLog(open, { requestId })(event, fields);
        const occurredAt = new Date(clock()).toISOString();
        waiting.push((next) => createLog(next, { requestId })(event, { ...fields, occurredAt }));
      };
    },
    end(context) {
      running.delete(context);
    },
  };
}
