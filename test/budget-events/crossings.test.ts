import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { findCrossings } from '../../shared/budget-events/crossings.ts';
import { createRowReader, withParts } from '../../shared/budget-events/known-rows.ts';
import type { KnownRow } from '../../shared/budget-events/known-rows.ts';
import type { UsageSnapshot } from '../../shared/snapshot/snapshot.ts';
import { runToCompletion } from '../../shared/turns.ts';
import { snapshotOfLines, snapshotOfRecords, testRecords } from '../snapshot/records.ts';
import type { TestRecord } from '../snapshot/records.ts';

const figure = fc.constantFrom(0, 5, 79.99, 80, 100, 130);
/** What becomes of a record in the next list. */
const change = fc.record({
  isGone: fc.boolean(),
  isTwice: fc.boolean(),
  figures: fc.option(fc.record({ percentUsed: figure, totalCost: figure })),
});
/** Up to 12 records of up to 3 customers, most of them late enough in the month for a projection. */
const lists = fc.tuple(testRecords, fc.array(change, { minLength: 12, maxLength: 12 }));

function toLate(record: TestRecord): TestRecord {
  return record.lastModifiedDate < '2026-11-03' ? { ...record, lastModifiedDate: '2026-11-20T00:00:00Z' } : record;
}

function findEvents(next: UsageSnapshot, before: { last?: UsageSnapshot; known?: ReadonlyMap<string, KnownRow> }) {
  const { events } = runToCompletion(
    findCrossings({
      next,
      last: before.last,
      known: before.known ?? new Map(),
      period: '2026-11',
      lastPeriod: '2026-11',
      isComplete: true,
      hasCost: true,
      fetchedAt: Date.parse('2026-11-21T06:00:00Z'),
      lastFetchedAt: Date.parse('2026-11-20T06:00:00Z'),
      thresholds: [50, 80, 100],
      budgetLimits: { warningPercent: 80, overPercent: 100 },
    }),
  );
  return events;
}

/** All that can be known of a list, without the list. */
function listKnownRows(list: UsageSnapshot): ReadonlyMap<string, KnownRow> {
  const readRow = createRowReader(list);
  const known = new Map<string, KnownRow>();
  for (const [row, id] of list.customerIds.entries()) {
    const key = `${id}/${list.isUpgraded[row] === 1 ? 'azure-plan' : 'legacy'}`;
    if (!known.has(key)) known.set(key, withParts(readRow(row), {}));
  }
  return known;
}

describe('findCrossings', () => {
  test.prop([lists], { numRuns: 1000 })(
    'finds with the last list what it finds with its rows alone',
    ([records, changes]) => {
      const before = records.map(toLate);
      const after = before.flatMap((record, at) => {
        const { isGone = false, isTwice = false, figures } = changes[at] ?? {};
        const changed = { ...record, ...figures };
        return isGone ? [] : isTwice ? [changed, record] : [changed];
      });
      const [last, next] = [snapshotOfRecords(before), snapshotOfRecords(after)];
      expect(findEvents(next, { last })).toStrictEqual(findEvents(next, { known: listKnownRows(last) }));
    },
  );

  it('finds no restart of a legacy row whose cost is beyond a double and stays the same', () => {
    const list = snapshotOfLines([
      '{"resourceId":"a","isUpgraded":false,"percentUsed":0,"totalCost":1e400,"lastModifiedDate":"2026-11-20T00:00:00Z"}',
    ]);
    expect(findEvents(list, { last: list })).toStrictEqual([]);
  });
});
