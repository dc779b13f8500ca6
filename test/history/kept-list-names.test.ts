import { describe, expect, it } from 'vitest';
import { findNearestDays, listClosings, listKeptDays } from '../../shared/history/kept-list-names.ts';

const hash = { a: 'aaaaaaaaaaaaaaaa', b: 'bbbbbbbbbbbbbbbb', c: 'cccccccccccccccc' };

describe('the kept days', () => {
  it('are one list a day, the newest fetched on it, whatever the order of the names', () => {
    const names = [
      `daily/2026-11/2026-11-21T000500Z-${hash.c}.ndjson.gz`,
      `daily/2026-11/2026-11-20T235959Z-${hash.b}.ndjson.gz`,
      `daily/2026-11/2026-11-20T020000Z-${hash.a}.ndjson.gz`,
    ];
    expect(listKeptDays(names)).toStrictEqual([
      {
        blob: `daily/2026-11/2026-11-20T235959Z-${hash.b}.ndjson.gz`,
        day: '2026-11-20',
        fetchedAt: Date.parse('2026-11-20T23:59:59Z'),
        contentHash: hash.b,
      },
      {
        blob: `daily/2026-11/2026-11-21T000500Z-${hash.c}.ndjson.gz`,
        day: '2026-11-21',
        fetchedAt: Date.parse('2026-11-21T00:05:00Z'),
        contentHash: hash.c,
      },
    ]);
  });

  it('take a copy of an older release where there is nothing newer', () => {
    const names = [
      'daily/2026-10/2026-10-30.ndjson.gz',
      `daily/2026-10/2026-10-31T000000Z-${hash.a}.ndjson.gz`,
      'daily/2026-10/2026-10-31.ndjson.gz',
    ];
    expect(listKeptDays(names)).toStrictEqual([
      {
        blob: 'daily/2026-10/2026-10-30.ndjson.gz',
        day: '2026-10-30',
        fetchedAt: Date.parse('2026-10-30T00:00:00Z'),
        contentHash: undefined,
      },
      expect.objectContaining({ blob: `daily/2026-10/2026-10-31T000000Z-${hash.a}.ndjson.gz` }),
    ]);
  });

  it('leave out what is not a daily copy', () => {
    expect(
      listKeptDays([
        'daily/2026-11/notes.txt',
        'daily/2026-11/2026-11-20.ndjson',
        'daily/2026-11/2026-11-20T020000Z-short.ndjson.gz',
        `daily/2026-13/2026-13-20T020000Z-${hash.a}.ndjson.gz`,
        `snapshots/2026-11/2026-11-20T020000Z-${hash.a}.ndjson.gz`,
      ]),
    ).toStrictEqual([]);
  });

  it('are in order, and are found around a day that is not kept', () => {
    const kept = listKeptDays(['daily/2026-11/2026-11-03.ndjson.gz', 'daily/2026-10/2026-10-28.ndjson.gz']);
    expect(kept.map(({ day }) => day)).toStrictEqual(['2026-10-28', '2026-11-03']);
    expect(findNearestDays(kept, '2026-11-01')).toStrictEqual({ before: '2026-10-28', after: '2026-11-03' });
    expect(findNearestDays(kept, '2026-11-04')).toStrictEqual({ before: '2026-11-03', after: undefined });
    expect(findNearestDays(kept, '2026-10-01')).toStrictEqual({ before: undefined, after: '2026-10-28' });
    expect(findNearestDays([], '2026-10-01')).toStrictEqual({ before: undefined, after: undefined });
  });
});

describe('the closing lists of a month', () => {
  it('are its versions in the order of their fetches, an equal one after another counted once', () => {
    const closings = listClosings([
      `monthly/2026-10/2026-11-03T060000Z-${hash.b}.ndjson.gz`,
      `monthly/2026-10/2026-11-01T050000Z-${hash.a}.ndjson.gz`,
      `monthly/2026-10/2026-11-01T070000Z-${hash.a}.ndjson.gz`,
      `monthly/2026-10/2026-11-05T060000Z-${hash.a}.ndjson.gz`,
      `monthly/2026-09/2026-10-01T050000Z-${hash.c}.ndjson.gz`,
      'monthly/readme.txt',
    ]);
    expect([...closings.keys()].toSorted()).toStrictEqual(['2026-09', '2026-10']);
    expect(closings.get('2026-10')?.map(({ blob }) => blob)).toStrictEqual([
      `monthly/2026-10/2026-11-01T050000Z-${hash.a}.ndjson.gz`,
      `monthly/2026-10/2026-11-03T060000Z-${hash.b}.ndjson.gz`,
      `monthly/2026-10/2026-11-05T060000Z-${hash.a}.ndjson.gz`,
    ]);
  });
});
