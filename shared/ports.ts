import type { OperationContext } from './context.ts';
import type { SnapshotPointer } from './snapshot/pointer.ts';
import type { UsageSnapshot } from './snapshot/snapshot.ts';

/** The pointer with the ETag it was read or written under. */
export type StoredPointer = { readonly pointer: SnapshotPointer; readonly etag: string };

/** Immutable blobs and the one pointer that names the current ones. Every failure is a DependencyError `StorageUnavailable`. */
export type SnapshotStore = {
  /** `unchanged` when the pointer still has `knownEtag`; `undefined` when there is none yet. */
  readPointer(context: OperationContext, knownEtag?: string): Promise<StoredPointer | 'unchanged' | undefined>;
  /** Replaces exactly the pointer read under `etag` (`undefined`: creates the first one); `conflict` when somebody else wrote. */
  writePointer(
    pointer: SnapshotPointer,
    etag: string | undefined,
    context: OperationContext,
  ): Promise<StoredPointer | 'conflict'>;
  /** The uncompressed lines of a snapshot or quarantine blob. */
  readLines(blob: string, context: OperationContext): Promise<Buffer>;
  /** Writes an immutable blob of gzipped lines; a blob of that name that exists already is left as it is. */
  writeLines(blob: string, lines: Buffer, context: OperationContext): Promise<void>;
  /** The names of all blobs that begin with `prefix`, in order. */
  listBlobs(prefix: string, context: OperationContext): Promise<string[]>;
};

/** The bytes at the start of a blob, and the ETag they were read under. */
type BlobStart = { readonly bytes: Buffer; readonly etag: string };

/** The blobs of the history, one for each month, which are replaced as a whole. Every failure is a DependencyError `StorageUnavailable`. */
export type MonthStore = {
  /** The first `maxBytes`; `undefined` when there is no blob. */
  readStart(
    blob: string,
    options: { readonly maxBytes: number },
    context: OperationContext,
  ): Promise<BlobStart | undefined>;
  /** The bytes from `start` to `end`, which is not included; `changed` when the blob no longer has this ETag. */
  readRange(
    blob: string,
    range: { readonly start: number; readonly end: number; readonly etag: string },
    context: OperationContext,
  ): Promise<Buffer | 'changed'>;
  /** Replaces exactly the blob read under `etag` (`undefined`: creates it) by these parts; `conflict` when somebody else wrote. */
  replace(
    blob: string,
    parts: readonly Buffer[],
    etag: string | undefined,
    context: OperationContext,
  ): Promise<'written' | 'conflict'>;
};

/** A held lease. `signal` aborts when the lease is lost or could not be renewed in time. */
export type HeldLease = { readonly signal: AbortSignal; release(): Promise<void> };

/** The lock that lets one process refresh at a time. */
export type RefreshLease = {
  /** `undefined` when another process holds it. Throws DependencyError `StorageUnavailable`. */
  acquire(context: OperationContext): Promise<HeldLease | undefined>;
};

/** A complete, checked list from Partner Center. */
export type UsageDownload = {
  readonly snapshot: UsageSnapshot;
  readonly totalCount: number | undefined;
  readonly pages: number;
  readonly bytes: number;
  readonly requestId: string | undefined;
  readonly correlationId: string | undefined;
};

/** Partner Center as the refresh needs it. Every failure is a DependencyError. */
export type UsageSource = {
  /** The whole list. `expectedRecords`: how many it had last time; then it takes no more memory than it needs. */
  download(context: OperationContext, expectedRecords?: number): Promise<UsageDownload>;
};

/** What the refresh protocol may know of the stored refresh token. */
export type RefreshTokenInfo = { readonly version: string; readonly issuedAt: number | undefined };

export type RefreshTokenStatus = {
  /** What memory holds, or Key Vault when memory holds nothing. */
  current(context: OperationContext): Promise<RefreshTokenInfo>;
  /** Asks Key Vault, unless it failed within the last minute. */
  reread(context: OperationContext): Promise<RefreshTokenInfo>;
};
