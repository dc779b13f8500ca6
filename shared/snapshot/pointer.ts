// Core: what `current.json` holds, as a schema. stored-data/stored-pointer.ts reads and replaces it, storage/snapshot-store.ts is the adapter.
import * as z from 'zod';
import { dayMs } from '../days.ts';
import { failureCodes } from '../errors.ts';
import { parseJson } from '../parse-json.ts';

const instant = z.number().int().nonnegative();

/** The version of `current.json` this code writes; a newer one is read as far as understood and never overwritten. */
export const pointerVersion = 1;

/** What `current.json` says of the last good snapshot. */
const snapshotInfo = z.looseObject({
  /** Blob name below the container: `snapshots/2026-11/2026-11-20T020000Z-<hash>.ndjson.gz`. */
  blob: z.string(),
  /** SHA-256 of the uncompressed lines, in hex. */
  contentHash: z.string(),
  /** UTC month of the newest `lastModifiedDate`, as `2026-11`. */
  period: z.string(),
  fetchedAt: instant,
  recordCount: z.number().int().nonnegative(),
  upgradedCount: z.number().int().nonnegative(),
  /** Whether any row has a cost other than zero. */
  hasCost: z.boolean(),
  /** `totalCount` as Partner Center gave it; may differ from `recordCount`. */
  upstreamTotalCount: z.number().int().nullable(),
  upstreamRequestId: z.string().nullable(),
  upstreamCorrelationId: z.string().nullable(),
  /** `accepted`, or `confirmed` when an implausible list came back a second time. */
  gate: z.enum(['accepted', 'confirmed']),
  /** Of the last list accepted without doubt, while this one is in doubt; the gate compares with it. */
  trusted: z.looseObject({ recordCount: z.number().int().nonnegative(), hasCost: z.boolean() }).optional(),
  /** Records with members that are not of the documented type; an older release does not say. */
  oddRecordCount: z.number().int().nonnegative().optional(),
  /** Blob of the budget events found in this snapshot, published by the same swap. */
  eventsBlob: z.string().nullable(),
  /** Whether the days before could not be read, so the next list must look for jumps even if it is the same. */
  areJumpsPending: z.boolean().optional(),
  /** What the search for events knows besides this snapshot; absent when an older release wrote the pointer. */
  knownRows: z
    .looseObject({
      /** Rows that this snapshot lacks or says less of; `null` when there are none. */
      blob: z.string().nullable(),
      /** The newest UTC month that lists were about so far, as `2026-11`. */
      period: z.string(),
      /** Whether all rows that lists of the month had are known. */
      isComplete: z.boolean(),
    })
    .optional(),
});

/** The failure back-off that all instances share. */
const refreshFailure = z.looseObject({
  code: z.enum(failureCodes),
  /** Failures in a row. */
  count: z.number().int().positive(),
  at: instant,
  /** No refresh starts before this instant. */
  notBefore: instant,
  /** `UpstreamAuthRequired` only: not tried again until the secret has another version. */
  refreshTokenVersion: z.string().nullable(),
  /** Why it failed and what ends it (docs/reference/failure-codes.md); null when an older release wrote it. */
  upstreamCode: z.string().nullable().default(null),
  cure: z.string().nullable().default(null),
  detail: z.string().nullable().default(null),
});

/** A list refused by count or by zero cost, kept to compare the next refused one with. */
const refusal = z.looseObject({
  rule: z.enum(['too-few-records', 'all-costs-zero']),
  at: instant,
  /** The quarantined lines. */
  blob: z.string(),
});

/** `current.json`: the one mutable blob. May hold a back-off and no snapshot yet. */
const snapshotPointer = z.looseObject({
  schemaVersion: z.number().int().positive(),
  snapshot: snapshotInfo.nullable(),
  failure: refreshFailure.nullable(),
  refusal: refusal.nullable(),
  /** When the stored refresh token was issued, as far as Key Vault knows. */
  refreshTokenIssuedAt: instant.nullable(),
});

export type SnapshotInfo = z.infer<typeof snapshotInfo>;
export type RefreshFailure = z.infer<typeof refreshFailure>;
export type Refusal = z.infer<typeof refusal>;
export type SnapshotPointer = z.infer<typeof snapshotPointer>;

/** The pointer before the first refresh. */
export const emptyPointer: SnapshotPointer = {
  schemaVersion: pointerVersion,
  snapshot: null,
  failure: null,
  refusal: null,
  refreshTokenIssuedAt: null,
};

const versioned = z.looseObject({ schemaVersion: snapshotPointer.shape.schemaVersion });

// Of a newer version each member counts for itself: what does not fit our schema is as good as not there.
const newerPointer = snapshotPointer.extend({
  snapshot: snapshotPointer.shape.snapshot.catch(null),
  failure: snapshotPointer.shape.failure.catch(null),
  refusal: snapshotPointer.shape.refusal.catch(null),
  refreshTokenIssuedAt: snapshotPointer.shape.refreshTokenIssuedAt.catch(null),
});

/** The pointer of a JSON text, a newer version's as far as this code understands it; `undefined` when it is no pointer. */
export function parsePointer(text: string): SnapshotPointer | undefined {
  const pointer = parseJson(text, versioned);
  if (pointer === undefined) return undefined;
  const schema = pointer.schemaVersion > pointerVersion ? newerPointer : snapshotPointer;
  return schema.safeParse(pointer).data;
}

/** Whole days since the stored refresh token was issued; it dies on day 90. */
export function getTokenAgeDays({ refreshTokenIssuedAt }: SnapshotPointer, now: number): number | undefined {
  return refreshTokenIssuedAt === null ? undefined : Math.floor((now - refreshTokenIssuedAt) / dayMs);
}
