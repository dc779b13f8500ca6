import type { HistoryPoint, PointRange } from '../history/points.ts';
import { pointColumns } from '../history/points.ts';
import type { ServedSnapshot } from '../reading/snapshot-reader.ts';
import { renderFlatJson } from '../views/flat-json.ts';
import { snapshotMember } from './representation.ts';

export type History = PointRange & {
  readonly points: Iterable<HistoryPoint>;
  readonly totalCount: number;
  readonly served: ServedSnapshot;
};

/** The points as JSON, in pieces. */
export function renderHistoryJson({ points, from, to, totalCount, served }: History): Iterable<string> {
  const tail = JSON.stringify({ from, to, totalCount, snapshot: snapshotMember(served) });
  return renderFlatJson(points, pointColumns, '{"value":[', `],${tail.slice(1)}`);
}
