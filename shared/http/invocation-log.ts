import type { InvocationContext } from '@azure/functions';
import type { Clock } from '../clock.ts';
import { createLog } from '../log.ts';
import type { Log } from '../log.ts';

/**
 * Runs the work of an invocation with its log. Work that outlives the invocation, such as a refresh nobody waits for any longer,
 * keeps this log: its lines go to another running invocation, or to the next one to start, and then say when they occurred.
 */
export type RunWithLog = <T>(context: InvocationContext, work: (log: Log) => Promise<T>) => Promise<T>;

/** The logs of all invocations of this process: the host drops what is logged through one that has ended. */
export function createRunWithLog(clock: Clock): RunWithLog {
  const running = new Set<InvocationContext>();
  const waiting: ((context: InvocationContext) => void)[] = [];

  return async function runWithLog(context, work) {
    const requestId = context.invocationId;
    const log: Log = (event, fields) => {
      const [open] = running.has(context) ? [context] : running;
      if (open !== undefined) return createLog(open, { requestId })(event, fields);
      const occurredAt = new Date(clock()).toISOString();
      waiting.push((next) => createLog(next, { requestId })(event, { ...fields, occurredAt }));
    };
    running.add(context);
    for (const write of waiting.splice(0)) write(context);
    try {
      return await work(log);
    } finally {
      running.delete(context);
    }
  };
}
