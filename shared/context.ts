import type { Log } from './log.ts';

/** What one operation carries through every call: its log, its abort signal, and the id that finds it again upstream. */
export type OperationContext = {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** A GUID; goes to Partner Center as `MS-CorrelationId`. */
  readonly correlationId: string;
};
