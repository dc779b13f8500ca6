import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  createSnapshotBuilder,
  findLines,
  getRowKey,
  parseSnapshot,
  scanSnapshot,
} from '../../shared/snapshot/snapshot.ts';
import { runToCompletion } from '../../shared/turns.ts';
import { documentedLines, snapshotOfLines, snapshotOfRecords, testRecords } from './records.ts';

describe('createSnapshotBuilder', () => {
  it('keeps the bytes of every record', () => {
    const snapshot = snapshotOfLines(documentedLines);
    expect(snapshot.count).toBe(4);
    expect(snapshot.lines.toString()).toBe(documentedLines.map((line) => `${line}\n`).join(''));
  });

  it('lays out what filters and orders look at', () => {
    const snapshot = snapshotOfLines(documentedLines);
    expect(snapshot.customerIds[0]).toBe('81b08b1a-3d5f-4f6c-9e0b-5a5e7f4a0001');
    expect(snapshot.customerNames[1]).toBe('Modern Azure Customer SE');
    expect(snapshot.foldedNames[1]).toBe('modern azure customer se');
    expect([...snapshot.isUpgraded]).toStrictEqual([0, 1, 1, 1]);
    expect([...snapshot.percentUsed]).toStrictEqual([0, 602.84, 0, 28.08]);
    expect([...snapshot.budgetAmount]).toStrictEqual([Number.NaN, 20, Number.NaN, 97]);
    expect([...snapshot.totalCost]).toStrictEqual([0, 120.5682999999996, 0, 27.23292827625711]);
    expect([...snapshot.usdTotalCost]).toStrictEqual([Number.NaN, 12.4, 0, 33.28]);
    expect([...snapshot.lastModified]).toStrictEqual([1564700416570, 1568740091143, 1568740091143, 1568740091143]);
    expect([...snapshot.currency].map((index) => snapshot.currencies[index])).toStrictEqual([
      undefined,
      'SEK',
      'GBP',
      'GBP',
    ]);
  });

  it('reads the deprecated names where the others are missing', () => {
    const line =
      '{"budget":null,"percentUsed":0,"isUpgraded":true,"resourceId":null,"id":"A","name":"Old","totalCost":0,"currencyCode":"","lastModifiedDate":"2026-11-01T00:00:00Z"}';
    const snapshot = snapshotOfLines([line, line.replace('"name":"Old",', '')]);
    expect(snapshot.customerIds).toStrictEqual(['a', 'a']);
    expect(snapshot.customerNames).toStrictEqual(['Old', '']);
    expect([...snapshot.usdTotalCost]).toStrictEqual([Number.NaN, Number.NaN]);
    expect([...snapshot.currency]).toStrictEqual([-1, -1]);
  });

  it('takes lines of any length and many of them', () => {
    const long = documentedLines.map((line) => line.replace('Customer', 'C'.repeat(700_000)));
    expect(snapshotOfLines(long).lines.toString()).toBe(long.map((line) => `${line}\n`).join(''));
    expect(snapshotOfLines([])).toMatchObject({ count: 0, lines: Buffer.alloc(0) });
  });

  it.each([0, 1, 999, 1990, 2000, 2100, 3000, 100_000])(
    'builds the same whether %i records were expected',
    (expected) => {
      const records = Array.from({ length: 2000 }, (_, row) =>
        (documentedLines[row % 4] ?? '').replace('"resourceId":"', `"resourceId":"${row}-${'x'.repeat(row % 7)}`),
      );
      const builder = createSnapshotBuilder(expected);
      for (const record of records) builder.add(Buffer.from(record), 0);
      builder.truncate(300);
      for (const record of records.slice(300)) builder.add(Buffer.from(record), 0);
      const built = runToCompletion(builder.build());
      expect(built.lines.toString()).toBe(records.map((line) => `${line}\n`).join(''));
      expect(built).toStrictEqual(parseSnapshot(built.lines));
    },
  );

  it('starts again at any record, as if what was dropped had never come', () => {
    const [sek = '', gbp = ''] = documentedLines.slice(1);
    const odd = gbp.replace('"GBP"', '"XXX"').replace('"percentUsed":0', '"percentUsed":null');
    const long = odd.replace('Test', 'T'.repeat(1_100_000));
    const builder = createSnapshotBuilder();
    for (const line of [sek, odd, long, odd]) builder.add(Buffer.from(line), 0);
    for (const kept of [[sek, odd], [sek]]) {
      builder.truncate(kept.length);
      expect(builder.count).toBe(kept.length);
    }
    builder.add(Buffer.from(gbp), 0);
    expect(runToCompletion(builder.build())).toStrictEqual(snapshotOfLines([sek, gbp]));
  });

  it('keeps what is odd in front of the records that were dropped', () => {
    const odd = documentedLines.map((line) => line.replace(/"percentUsed":[\d.]+/, '"percentUsed":null'));
    const builder = createSnapshotBuilder();
    for (const line of odd) builder.add(Buffer.from(line), 0);
    builder.truncate(2);
    expect(runToCompletion(builder.build())).toStrictEqual(snapshotOfLines(odd.slice(0, 2)));
  });

  test.prop([testRecords])('builds what the stored lines are read back as', (records) => {
    const built = snapshotOfRecords(records);
    expect(parseSnapshot(built.lines)).toStrictEqual(built);
  });
});

describe('parseSnapshot', () => {
  it.each([
    ['no JSON', '{"resourceId":"a"', 0],
    ['no object', '7', 0],
    ['an empty line', '', 0],
    ['a record without an id', '{"percentUsed":0,"isUpgraded":true,"totalCost":0}', 0],
    ['a broken second line', `${documentedLines[0]}\n{`, 1],
  ])('refuses %s', (_, text, row) => {
    const failure = { code: 'StorageUnavailable', details: { reason: 'corrupt', row } };
    expect(() => parseSnapshot(Buffer.from(`${text}\n`))).toThrow(expect.objectContaining(failure));
  });

  it.each([499, 500, 600, 1100])('reads %i lines, however many were expected', (count) => {
    const lines = Buffer.from(`${documentedLines[1]}\n`.repeat(count));
    const { percentUsed } = parseSnapshot(lines);
    expect(percentUsed).toStrictEqual(new Float64Array(count).fill(602.84));
    expect(runToCompletion(scanSnapshot(lines, count)).percentUsed).toStrictEqual(percentUsed);
  });

  it('refuses lines that are cut off, even behind a whole record', () => {
    expect(() => parseSnapshot(Buffer.from(documentedLines.join('\n')))).toThrow(
      expect.objectContaining({ details: { reason: 'corrupt', row: 3 } }),
    );
  });

  it('refuses a line that is cut off anywhere', () => {
    const line = '{"id":"a\\u00e9\\"","x":[-1.5e+3,true,null,{}],"totalCost":0,"lastModifiedDate":"today"}';
    const lines = Buffer.from(`${documentedLines[0]}\n${line}\n`);
    expect(parseSnapshot(lines).count).toBe(2);
    const failure = expect.objectContaining({ details: { reason: 'corrupt', row: 1 } });
    for (let length = lines.length - line.length; length < lines.length; length += 1) {
      expect(() => parseSnapshot(lines.subarray(0, length))).toThrow(failure);
    }
  });
});

describe('findLines', () => {
  const lines = Buffer.from('{}\n'.repeat(100_000));

  it('finds every line, and stops now and then so that others get their turn', () => {
    expect([...findLines(lines, 100_000)]).toHaveLength(2);
    const { offsets } = runToCompletion(findLines(lines, 100_000));
    expect([offsets[1], offsets[99_999], offsets[100_000]]).toStrictEqual([3, 299_997, 300_000]);
  });

  it.each([
    ['fewer lines than there should be', lines, 100_001, 100_000],
    ['more lines than there should be', lines, 99_999, 99_999],
    ['a last line that is cut off', lines.subarray(0, -1), 100_000, 99_999],
  ])('refuses %s', (_, found, count, row) => {
    expect(() => runToCompletion(findLines(found, count))).toThrow(
      expect.objectContaining({ details: { reason: 'corrupt', row } }),
    );
  });
});

describe('getRowKey', () => {
  it('tells the two rows of one customer apart', () => {
    const [legacy = '', modern = ''] = documentedLines;
    const both = snapshotOfLines([legacy, modern.replace(/5a5e[^"]+/, '81b08b1a-3d5f-4f6c-9e0b-5a5e7f4a0001')]);
    expect([0, 1].map((row) => getRowKey(both, row))).toStrictEqual([
      '81b08b1a-3d5f-4f6c-9e0b-5a5e7f4a0001/legacy',
      '81b08b1a-3d5f-4f6c-9e0b-5a5e7f4a0001/azure-plan',
    ]);
  });
});
