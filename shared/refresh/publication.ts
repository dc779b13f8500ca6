import type { OperationContext } from '../context.ts';
import { UnreadableBlobError } from '../errors.ts';
import { hasCost } from '../snapshot/gate.ts';
import { getSnapshotPeriod } from '../snapshot/period.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import type { SnapshotInfo, SnapshotPointer } from '../snapshot/pointer.ts';
import { blobNames, formatDay } from './blob-names.ts';
import { hashContent } from './content-hash.ts';
import { findEvents } from './find-events.ts';
import type { EventDeps, FoundEvents } from './find-events.ts';
import type { RefreshTokenStatus, UsageDownload } from './ports.ts';
import type { LoadSnapshot } from './snapshot-loader.ts';

export type PublishDeps = EventDeps & { readonly tokens: RefreshTokenStatus };

/** A list that may be published. `confirmed`: the gate doubted it. */
export type Candidate = {
  readonly download: UsageDownload;
  readonly gate: SnapshotInfo['gate'];
  readonly fetchedAt: number;
};

export type Publication = {
  readonly kind: 'published' | 'unchanged';
  readonly info: SnapshotInfo;
  /** What the pointer has to say once the swap is made. */
  readonly pointer: SnapshotPointer;
  readonly events: FoundEvents;
};

/** Writes the immutable blobs of an accepted list; nothing is visible to readers before the pointer is swapped. */
export async function preparePublication(
  deps: PublishDeps,
  before: SnapshotPointer,
  { download, gate, fetchedAt }: Candidate,
  context: OperationContext,
): Promise<Publication> {
  const lines = download.snapshot.lines;
  const trusted = gate === 'confirmed' && before.snapshot !== null ? trustedFigures(before.snapshot) : undefined;
  const candidate = { ...describeSnapshot(download, gate, fetchedAt), ...(trusted === undefined ? {} : { trusted }) };
  const lastBlob = await findReusableBlob(deps.load, before.snapshot, candidate.contentHash, context);
  const events = await findEvents(deps, before.snapshot, download.snapshot, candidate, context);
  const info: SnapshotInfo = {
    ...candidate,
    blob: lastBlob ?? candidate.blob,
    eventsBlob: events.eventsBlob,
    knownRows: events.knownRows,
  };
  if (lastBlob === undefined) await deps.store.writeLines(info.blob, lines, context);
  if (before.snapshot === null || formatDay(before.snapshot.fetchedAt) !== formatDay(fetchedAt)) {
    await deps.store.writeLines(blobNames.daily(fetchedAt), lines, context);
  }
  // The token's age is news for the operator, not a condition of publishing.
  const token = await deps.tokens.current(context).catch(() => undefined);
  return {
    kind: lastBlob === undefined ? 'published' : 'unchanged',
    info,
    events,
    pointer: {
      ...before,
      schemaVersion: pointerVersion,
      snapshot: info,
      failure: null,
      refusal: null,
      refreshTokenIssuedAt: token?.issuedAt ?? before.refreshTokenIssuedAt,
    },
  };
}

/** The last good blob when it holds these very lines and can be read; a lost or damaged one is written anew. */
async function findReusableBlob(
  load: LoadSnapshot,
  last: SnapshotInfo | null,
  contentHash: string,
  context: OperationContext,
): Promise<string | undefined> {
  if (last === null || last.contentHash !== contentHash) return undefined;
  try {
    await load(last, context);
    return last.blob;
  } catch (error) {
    if (error instanceof UnreadableBlobError) return undefined;
    throw error;
  }
}

/** What the pointer says of a downloaded list; `fetchedAt` in epoch milliseconds. */
export function describeSnapshot(
  download: Omit<UsageDownload, 'pages' | 'bytes'>,
  gate: SnapshotInfo['gate'],
  fetchedAt: number,
): SnapshotInfo {
  const { snapshot } = download;
  const contentHash = hashContent(snapshot.lines);
  const period = getSnapshotPeriod(snapshot, fetchedAt);
  return {
    blob: blobNames.snapshot(period, fetchedAt, contentHash),
    contentHash,
    period,
    fetchedAt,
    recordCount: snapshot.count,
    upgradedCount: snapshot.isUpgraded.reduce((sum, kind) => sum + Number(kind === 1), 0),
    hasCost: hasCost(snapshot),
    upstreamTotalCount: download.totalCount ?? null,
    upstreamRequestId: download.requestId ?? null,
    upstreamCorrelationId: download.correlationId ?? null,
    gate,
    oddRecordCount: snapshot.oddMembers.size,
    eventsBlob: null,
  };
}

function trustedFigures({ trusted, recordCount, hasCost: had }: SnapshotInfo): SnapshotInfo['trusted'] {
  return trusted ?? { recordCount, hasCost: had };
}
