import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readColumns, textAt } from '../../shared/snapshot/columns.ts';
import type { UsageSnapshot } from '../../shared/snapshot/snapshot.ts';
import { runToCompletion } from '../../shared/turns.ts';
import { snapshotOfLines, snapshotOfRecords, testRecords } from './records.ts';

describe('readColumns', () => {
  test.prop([testRecords, testRecords])('reads the same with an earlier list as without', (before, after) => {
    const earlier = snapshotOfRecords(before);
    const { customerNumbers, ...columns } = readColumnsAfter(snapshotOfRecords([...before, ...after]), earlier);
    const { customerNumbers: _, ...expected } = snapshotOfRecords([...before, ...after]);
    expect(columns).toStrictEqual(expected);
    expect(groupByNumber(customerNumbers)).toStrictEqual(groupByNumber(columns.customerIds));
  });

  test.prop([testRecords])('reads the same when rows have moved', (records) => {
    const { customerNumbers, ...columns } = readColumnsAfter(
      snapshotOfRecords(records.toReversed()),
      snapshotOfRecords(records),
    );
    const { customerNumbers: _, ...expected } = snapshotOfRecords(records.toReversed());
    expect(columns).toStrictEqual(expected);
    expect(groupByNumber(customerNumbers)).toStrictEqual(groupByNumber(columns.customerIds));
  });

  it('knows a new row of a customer whose other row is far above it', () => {
    const lines = Array.from({ length: 40 }, (_, row) => `{"resourceId":"customer-${row}","isUpgraded":false}`);
    const added = ['{"resourceId":"customer-3","isUpgraded":true}', '{"resourceId":"newcomer","isUpgraded":true}'];
    const { customerNumbers } = readColumnsAfter(snapshotOfLines([...lines, ...added]), snapshotOfLines(lines));
    expect(customerNumbers[40]).toBe(customerNumbers[3]);
    expect(new Set(customerNumbers).size).toBe(41);
  });

  it('stops now and then in a long list, so that others get their turn', () => {
    const lines = Array.from({ length: 20_000 }, (_, row) => `{"resourceId":"customer-${row}"}`);
    const [first, second] = [snapshotOfLines(lines), snapshotOfLines(lines)];
    expect([...readColumns(first)].length).toBeGreaterThan(10);
    expect([...readColumns(second, first)].length).toBeGreaterThan(10);
    expect(second.customerNumbers).toStrictEqual(first.customerNumbers);
  });

  it('reads a name anew where another member or another customer gives it', () => {
    const line = '{"resourceId":"A","id":"B","resourceName":"One","name":"Two","percentUsed":0}';
    const changed = [
      line.replace('"One"', '"Other"'),
      line.replace('"One"', 'null'),
      line.replace('"resourceName":"One",', ''),
      line.replace('"A"', 'null'),
      line.replace('"A"', '""'),
    ];
    const earlier = snapshotOfLines(changed.map(() => line));
    const { customerIds, customerNames, foldedNames } = readColumnsAfter(snapshotOfLines(changed), earlier);
    expect(customerIds).toStrictEqual(['a', 'a', 'a', 'b', 'b']);
    expect(customerNames).toStrictEqual(['Other', 'Two', 'Two', 'One', 'One']);
    expect(foldedNames).toStrictEqual(['other', 'two', 'two', 'one', 'one']);
  });
});

function readColumnsAfter(next: UsageSnapshot, earlier: UsageSnapshot): UsageSnapshot {
  runToCompletion(readColumns(next, earlier));
  return next;
}

/** The rows of each value. */
function groupByNumber(column: Iterable<unknown>): number[][] {
  return [...Map.groupBy([...column].entries(), ([, value]) => value).values()].map((rows) => rows.map(([row]) => row));
}

describe('textAt', () => {
  it('gives the text of a row and nothing where there is none', () => {
    expect([textAt(['a'], 0), textAt(['a'], 1)]).toStrictEqual(['a', '']);
  });
});
