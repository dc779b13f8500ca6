import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { emptyEventLog, parseEventLog } from '../budget-events/log.ts';
import type { EventLog } from '../budget-events/log.ts';
import { isNamedByHash } from './blob-names.ts';
import { keepLatest } from './keep-latest.ts';
import type { SnapshotStore } from './ports.ts';

/** The event log of a pointer's `eventsBlob`; an empty one when there is none or when it is lost or damaged, which is logged. */
export type LoadEventLog = (blob: string | null, context: OperationContext) => Promise<EventLog>;

/** A loader that keeps the last log it read, and reads each one once however many ask. Throws while storage is out of reach. */
export function createEventLogLoader(store: SnapshotStore): LoadEventLog {
  const load = keepLatest<string, EventLog>(
    (blob) => blob,
    (blob, context) => read(store, blob, context),
  );

  return async function loadEventLog(blob, context) {
    if (blob === null) return emptyEventLog;
    try {
      return await load(blob, context);
    } catch (error) {
      if (!(error instanceof UnreadableBlobError)) throw error;
      context.log('events.log-lost', { code: error.code, blob, reason: error.reason });
      return emptyEventLog;
    }
  };
}

async function read(store: SnapshotStore, blob: string, context: OperationContext): Promise<EventLog> {
  const lines = await store.readLines(blob, context);
  if (isNamedByHash(blob, lines)) return parseEventLog(lines);
  throw new UnreadableBlobError('the event log is not what its name says', { reason: 'corrupt', details: { blob } });
}
