import { joinRecords } from '../shared/usage/joined-records.ts';
import { pageOf } from '../shared/usage/page.ts';
import { parseUsageQuery } from '../shared/usage/query-parser.ts';
import { readRecordLines } from '../shared/usage/record-lines.ts';
import { createSnapshotBuilder, parseSnapshot } from '../shared/usage/snapshot.ts';
import type { UsageSnapshot } from '../shared/usage/snapshot.ts';
import { usageBody } from './records.ts';
import type { Candidate } from './rounds.ts';

const contentHash = '0'.repeat(64);
const now = Date.UTC(2026, 10, 20);

/** The work of the core over one body of `records`, each beside the limit of design.md 12 where it has one. */
export function coreCandidates(records: number): Candidate[] {
  const body = usageBody({ records });
  const snapshot = snapshotOf(body);
  const least = leastPercentOf(snapshot, 0.1);
  const read = (text: string) => {
    const query = parseUsageQuery(new URLSearchParams(text), now);
    const { rows } = pageOf(snapshot, contentHash, query);
    return joinRecords(snapshot, rows);
  };
  return [
    { name: 'parse + filter 10 % + stringify', run: () => filteredByParsing(body, least) },
    { name: 'JSON.parse of the body', run: () => JSON.parse(body.toString()) },
    {
      name: 'warm filtered read, 10 % match',
      limit: 0.02,
      times: 20,
      run: () => read(`minPercentUsed=${least}&maxpagesize=10000`),
    },
    { name: 'index build from stored bytes', limit: 0.7, run: () => parseSnapshot(snapshot.lines) },
    { name: 'walk + JSON.parse a record', run: () => readRecordLines(body, () => {}) },
    { name: 'body to snapshot: walk, parse, check, build', run: () => snapshotOf(body) },
    { name: 'warm read of one customer', times: 20, run: () => read(`customerId=${snapshot.customerIds.at(-1)}`) },
    { name: 'warm search in names', times: 20, run: () => read('search=litware%20gmbh&top=50') },
    { name: 'warm top 50 by percentUsed', times: 20, run: () => read('orderby=percentUsed%20desc&top=50') },
    { name: 'warm top 50 by customerName', times: 20, run: () => read('orderby=customerName&top=50') },
  ];
}

/** The snapshot of a body, built as a refresh builds it. */
export function snapshotOf(body: Buffer): UsageSnapshot {
  const builder = createSnapshotBuilder();
  readRecordLines(body, (line) => builder.add(line));
  return builder.build();
}

type ParsedRecord = { readonly percentUsed: number; readonly budget?: { readonly amount?: number } };

/** What a service without a snapshot does for each request. */
function filteredByParsing(body: Buffer, least: number): Buffer {
  const { items }: { items: ParsedRecord[] } = JSON.parse(body.toString());
  const value = items.filter(({ budget, percentUsed }) => budget?.amount !== undefined && percentUsed >= least);
  return Buffer.from(JSON.stringify({ value }));
}

/** The percentage that `share` of all records reach. */
function leastPercentOf({ percentUsed, budgetAmount, count }: UsageSnapshot, share: number): number {
  const percents = percentUsed.filter((_, row) => !Number.isNaN(budgetAmount[row])).toSorted();
  return percents.at(-Math.round(count * share)) ?? 0;
}
