import type { Log } from './log.ts';

/** What travels with one piece of work: where it logs, when it must end, and the id that finds it again upstream. */
export type OperationContext = {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** A GUID; goes to Partner Center as `MS-CorrelationId`. */
  readonly correlationId: string;
};
