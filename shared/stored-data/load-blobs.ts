import type { Sleep, YieldToEventLoop } from '../clock.ts';
import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { createPromiseCache, loadOnce } from '../once.ts';
import { parseKnownRows } from '../budget-events/known-rows.ts';
import type { KnownRows } from '../budget-events/known-rows.ts';
import { emptyEventLog, parseEventLog } from '../budget-events/event-log.ts';
import type { EventLog } from '../budget-events/event-log.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import { readColumns } from '../snapshot/columns.ts';
import { findLines, scanSnapshot, toStoredSnapshot } from '../snapshot/snapshot.ts';
import type { StoredSnapshot, UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { hashInTurns, isNamedByHash } from './blob-names.ts';
import type { SnapshotStore } from '../ports.ts';

const loadDeadlineMs = 60_000;

/** The snapshot that `info` names. Throws UnreadableBlobError, or DependencyError `StorageUnavailable` when storage is unreachable. */
type LoadSnapshot = (info: SnapshotInfo, context: OperationContext) => Promise<UsageSnapshot>;

/** The same snapshot, before its records are scanned. */
type OpenSnapshot = (info: SnapshotInfo, context: OperationContext) => Promise<StoredSnapshot>;

export type SnapshotLoader = LoadSnapshot & {
  readonly open: OpenSnapshot;
  /** Whether a scan has found a line of this snapshot that is no usage record. */
  readonly isDamaged: (info: SnapshotInfo) => boolean;
  /** Keeps a snapshot that this process has just published, so that it need not be read back. */
  readonly keep: (info: SnapshotInfo, snapshot: UsageSnapshot) => void;
};

type SnapshotLoaderDeps = {
  readonly store: SnapshotStore;
  readonly sleep: Sleep;
  readonly yieldToEventLoop: YieldToEventLoop;
};

/** Reading the columns waits this long, so that waiting requests that need no column are answered first. */
const columnsDelayMs = 100;

/** A loader that keeps the last snapshot it read or was given. Concurrent callers share one read. */
export function createSnapshotLoader({ store, sleep, yieldToEventLoop }: SnapshotLoaderDeps): SnapshotLoader {
  const snapshots = createPromiseCache<StoredSnapshot>('last');
  /** The last blob whose scan failed. Its content never changes, so it is not opened again. */
  let damaged: { readonly blob: string; readonly error: UnreadableBlobError } | undefined;

  function open({ blob, contentHash, recordCount }: SnapshotInfo, context: OperationContext): Promise<StoredSnapshot> {
    async function read(): Promise<StoredSnapshot> {
      const lines = await store.readLines(blob, withOwnDeadline(context));
      if ((await runInTurns(hashInTurns(lines), yieldToEventLoop)) !== contentHash) {
        throw createDamagedError('the snapshot blob is not what the pointer says', blob);
      }
      const found = await runInTurns(findLines(lines, recordCount), yieldToEventLoop);
      const snapshot = { ...found, scan: loadOnce(() => scan(lines)) };
      void readColumnsLater(snapshot).catch(() => undefined);
      return snapshot;
    }
    async function scan(lines: Buffer): Promise<UsageSnapshot> {
      const snapshot = await catchUnreadable(runInTurns(scanSnapshot(lines, recordCount), yieldToEventLoop));
      if (!(snapshot instanceof UnreadableBlobError)) return snapshot;
      damaged = { blob, error: snapshot };
      throw snapshot;
    }
    if (damaged?.blob === blob) return Promise.reject(damaged.error);
    return snapshots.get(blob) ?? snapshots.set(read(), blob);
  }

  async function readColumnsLater({ scan }: StoredSnapshot): Promise<void> {
    await sleep(columnsDelayMs, new AbortController().signal);
    await runInTurns(readColumns(await scan()), yieldToEventLoop);
  }

  async function loadSnapshot(info: SnapshotInfo, context: OperationContext): Promise<UsageSnapshot> {
    const { scan } = await open(info, context);
    return scan();
  }

  const keep = (info: SnapshotInfo, snapshot: UsageSnapshot): void => {
    void snapshots.set(Promise.resolve(toStoredSnapshot(snapshot)), info.blob);
  };
  const isDamaged = ({ blob }: SnapshotInfo): boolean => damaged?.blob === blob;
  return Object.assign(loadSnapshot, { open, isDamaged, keep });
}

/** The event log of a pointer's `eventsBlob`; an empty one when there is none, or when it is lost or damaged, which is logged. */
export type LoadEventLog = (blob: string | null, context: OperationContext) => Promise<EventLog>;

/** A loader that keeps the last log it read. Concurrent callers share one read. Throws DependencyError while storage is unreachable. */
export function createEventLogLoader(store: SnapshotStore): LoadEventLog {
  const logs = createPromiseCache<EventLog>('last');
  return async function loadEventLog(blob, context) {
    if (blob === null) return emptyEventLog;
    const log = await catchUnreadable(logs.get(blob) ?? logs.set(readEventLog(store, blob, context), blob));
    if (!(log instanceof UnreadableBlobError)) return log;
    context.log('events.log-lost', { code: log.code, blob, reason: log.reason });
    return emptyEventLog;
  };
}

async function readEventLog(store: SnapshotStore, blob: string, context: OperationContext): Promise<EventLog> {
  const lines = await store.readLines(blob, withOwnDeadline(context));
  if (isNamedByHash(blob, lines)) return parseEventLog(lines);
  throw createDamagedError('the event log is not what its name says', blob);
}

/** The rows of a pointer's `knownRows` blob. Throws as LoadSnapshot does. */
export async function loadKnownRows(
  store: SnapshotStore,
  blob: string | null,
  context: OperationContext,
): Promise<KnownRows> {
  if (blob === null) return new Map();
  const lines = await store.readLines(blob, context);
  if (isNamedByHash(blob, lines)) return parseKnownRows(lines);
  throw createDamagedError('the known rows are not what their name says', blob);
}

/** The loaded value, or the error of a lost or damaged blob. Throws when storage is unreachable. */
export async function catchUnreadable<T>(loading: Promise<T>): Promise<T | UnreadableBlobError> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof UnreadableBlobError) return error;
    throw error;
  }
}

/** A load is shared, so it has its own deadline instead of the first caller's. */
export function withOwnDeadline(context: OperationContext, deadlineMs = loadDeadlineMs): OperationContext {
  return { ...context, signal: AbortSignal.timeout(deadlineMs) };
}

/** The error of a blob whose content is damaged. */
export function createDamagedError(message: string, blob: string): UnreadableBlobError {
  return new UnreadableBlobError(message, { reason: 'corrupt', details: { blob } });
}
