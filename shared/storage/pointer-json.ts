import { z } from 'zod';
import { pointerVersion, snapshotPointer, type SnapshotPointer } from '../snapshot/pointer.ts';

const versioned = z.looseObject({ schemaVersion: snapshotPointer.shape.schemaVersion });

// Of a newer version each member counts for itself: what does not fit our schema is as good as not there.
const newerPointer = snapshotPointer.extend({
  snapshot: snapshotPointer.shape.snapshot.catch(null),
  failure: snapshotPointer.shape.failure.catch(null),
  refusal: snapshotPointer.shape.refusal.catch(null),
  refreshTokenIssuedAt: snapshotPointer.shape.refreshTokenIssuedAt.catch(null),
});

/** Reads the pointer's JSON, a newer version's as far as understood; `undefined` when it is no pointer. */
export function parsePointer(text: string): SnapshotPointer | undefined {
  const json = parseJson(text);
  const version = versioned.safeParse(json);
  if (!version.success) return undefined;
  const schema = version.data.schemaVersion > pointerVersion ? newerPointer : snapshotPointer;
  return schema.safeParse(json).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
