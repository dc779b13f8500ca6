import { formatDay } from '../days.ts';
import { UnreadableBlobError } from '../errors.ts';
import { hasCost } from '../snapshot/gate.ts';
import { getSnapshotPeriod } from '../snapshot/period.ts';
import { pointerVersion } from '../snapshot/pointer.ts';
import type { SnapshotInfo, SnapshotPointer } from '../snapshot/pointer.ts';
import { readColumns } from '../snapshot/columns.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { blobNames, hashContent, hashInTurns } from '../stored-data/blob-names.ts';
import { closePeriod, keepDailyCopy } from './keep-lists.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import type { UsageDownload } from '../ports.ts';
import { logEvents, recordEvents } from './record-events.ts';
import type { RefreshRun } from './refresh.ts';
import { replacePointer } from '../stored-data/stored-pointer.ts';

/** A list that may be published. `confirmed`: accepted because it was repeated, although a rule of the gate refuses it. */
export type Candidate = {
  readonly download: UsageDownload;
  readonly gate: SnapshotInfo['gate'];
  readonly fetchedAt: number;
};

export type Published = {
  readonly kind: 'published' | 'unchanged';
  readonly pointer: SnapshotPointer;
  readonly info: SnapshotInfo;
};

/**
 * Publishes an accepted list: adds past days to the daily figures, records budget events, writes the blobs, then swaps the pointer.
 * Readers see the new list only after the swap.
 */
export async function publish(run: RefreshRun, candidate: Candidate): Promise<Published> {
  const { deps, context } = run;
  const { pointer: before } = run.before;
  const { download } = candidate;
  const contentHash = await runInTurns(hashInTurns(download.snapshot.lines), deps.yieldToEventLoop);
  const last = await loadLastSnapshot(run);
  const sameAsLast = last?.contentHash === contentHash ? last : undefined;
  // The equal snapshot in memory already has columns.
  const snapshot = sameAsLast?.snapshot ?? download.snapshot;
  await runInTurns(readColumns(snapshot, sameAsLast === undefined ? last?.snapshot : undefined), deps.yieldToEventLoop);
  const candidateInfo = describeCandidate({ ...candidate, download: { ...download, snapshot } }, before, contentHash);
  // Fold first: jumps need the days before, and readers expect them with the new list.
  await deps.dailyFigures.catchUp(formatDay(candidate.fetchedAt), context);
  const events = await recordEvents(run, snapshot, candidateInfo);
  const { extension: _, ...eventFields } = events;
  const info: SnapshotInfo = { ...candidateInfo, ...eventFields, blob: sameAsLast?.blob ?? candidateInfo.blob };
  if (sameAsLast === undefined) await deps.store.writeLines(info.blob, snapshot.lines, context);
  await keepDailyCopy(run, snapshot, info);
  await closePeriod(run, info);
  // The token's age is only for the health answer: failing to read it must not block publishing.
  const token = await deps.tokens.current(context).catch(() => undefined);
  const pointer: SnapshotPointer = {
    ...before,
    schemaVersion: pointerVersion,
    snapshot: info,
    failure: null,
    refusal: null,
    refreshTokenIssuedAt: token?.issuedAt ?? before.refreshTokenIssuedAt,
  };
  await replacePointer(run, pointer);
  deps.loadSnapshot.keep(info, snapshot);
  logEvents(events, context);
  return { kind: sameAsLast === undefined ? 'published' : 'unchanged', info, pointer };
}

/** The last good snapshot; `undefined` when its blob is lost or damaged, so that the same list is written again. */
async function loadLastSnapshot({
  deps,
  before,
  context,
}: RefreshRun): Promise<
  (Pick<SnapshotInfo, 'blob' | 'contentHash'> & { readonly snapshot: UsageSnapshot }) | undefined
> {
  const last = before.pointer.snapshot;
  if (last === null) return undefined;
  const snapshot = await catchUnreadable(deps.loadSnapshot(last, context));
  if (snapshot instanceof UnreadableBlobError) return undefined;
  return { blob: last.blob, contentHash: last.contentHash, snapshot };
}

/** The pointer's entry for a candidate. If it is only confirmed, it carries the figures of the last list accepted without doubt. */
function describeCandidate(
  { download, gate, fetchedAt }: Candidate,
  { snapshot: last }: SnapshotPointer,
  contentHash: string,
): SnapshotInfo {
  const info = describeSnapshot(download, gate, fetchedAt, contentHash);
  if (gate !== 'confirmed' || last === null) return info;
  return { ...info, trusted: last.trusted ?? { recordCount: last.recordCount, hasCost: last.hasCost } };
}

/** The pointer's entry for a downloaded list; `fetchedAt` in epoch milliseconds. */
export function describeSnapshot(
  download: Omit<UsageDownload, 'pages' | 'bytes'>,
  gate: SnapshotInfo['gate'],
  fetchedAt: number,
  contentHash = hashContent(download.snapshot.lines),
): SnapshotInfo {
  const { snapshot } = download;
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
