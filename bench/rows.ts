import { csvOf } from '../shared/usage/csv.ts';
import { flatFields } from '../shared/usage/flat-fields.ts';
import { createFlatJson, flatRowsOf } from '../shared/usage/flat-row.ts';
import { readRecordLines } from '../shared/usage/record-lines.ts';
import { createSnapshotBuilder } from '../shared/usage/snapshot.ts';
import { summaryOf } from '../shared/usage/usage-summary.ts';
import { usageBody } from './records.ts';
import type { Candidate } from './rounds.ts';

const limits = { warningPercent: 80, overPercent: 100 };

/** Flat rows, CSV and totals over one body of `records`; the unit is JSON.parse of that body. */
export function rowCandidates(records: number): Candidate[] {
  const body = usageBody({ records });
  const builder = createSnapshotBuilder();
  readRecordLines(body, (line) => builder.add(line));
  const snapshot = builder.build();
  const rows = Uint32Array.from({ length: records }, (_, row) => row);
  const flatRows = (count: number) => flatRowsOf(snapshot, rows.subarray(0, count), limits);
  const jsonOf = createFlatJson(flatFields);
  const flatJson = (count: number) => Buffer.from(Array.from(flatRows(count), jsonOf).join(','));
  return [
    { name: 'JSON.parse of the body', run: () => JSON.parse(body.toString()) },
    { name: 'flat page of 1000', run: () => flatJson(1000) },
    { name: 'flat rows, all', run: () => flatJson(records) },
    { name: 'whole CSV', run: () => csvOf(flatRows(records), flatFields, 'comma') },
    { name: 'summary', run: () => summaryOf(snapshot, rows, limits) },
  ];
}
