import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
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
  const pointer = parseJson(text, versioned);
  if (pointer === undefined) return undefined;
  const schema = pointer.schemaVersion > pointerVersion ? newerPointer : snapshotPointer;
  return schema.safeParse(pointer).data;
}
