import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createCursor } from '../../shared/query/cursor.ts';
import { renderRecords } from '../../shared/views/records-json.ts';
import { createSelectPage } from '../../shared/query/page.ts';
import { formatQueryWithoutCursor, formatQuery } from '../../shared/query/usage-query.ts';
import type { UsageQuery } from '../../shared/query/parameters.ts';
import { findProblemCodes, findProblems, parseQuery } from './queries.ts';
import { findLines, toStoredSnapshot } from '../../shared/snapshot/snapshot.ts';
import { runToCompletion } from '../../shared/turns.ts';
import { documentedLines, snapshotOfLines, snapshotOfRecords, testRecords } from '../snapshot/records.ts';

const selectPage = createSelectPage(async () => undefined);
const documented = toStoredSnapshot(snapshotOfLines(documentedLines));
const contentHash = '0123456789abcdef'.repeat(4);

/** All pages of a query, each by the link of the one before. */
async function walk(query: UsageQuery, snapshot = documented): Promise<number[][]> {
  const { rows, next } = await selectPage(snapshot, contentHash, query);
  return [[...rows], ...(next === undefined ? [] : await walk(parseQuery(formatQuery(next)), snapshot))];
}

const refuseToScan = () => Promise.reject(new Error('scanned'));

describe('selectPage', () => {
  it.each([
    ['', [[0, 1, 2, 3]]],
    [
      'maxpagesize=2',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    ['maxpagesize=3', [[0, 1, 2], [3]]],
    ['skip=1&top=2', [[1, 2]]],
    ['skip=1&top=2&maxpagesize=1', [[1], [2]]],
    ['skip=3&top=9', [[3]]],
    ['skip=4', [[]]],
    ['search=nobody', [[]]],
    ['orderby=percentUsed%20desc&maxpagesize=3&hasBudget=true', [[1, 3]]],
    ['orderby=customerName desc&maxpagesize=3', [[2, 3, 1], [0]]],
  ])('cuts %j into %j', async (text, pages) => {
    expect(await walk(parseQuery(text))).toStrictEqual(pages);
  });

  it('needs no more than the lines without filter and order', async () => {
    const unscanned = {
      ...runToCompletion(findLines(Buffer.from(`${documentedLines.join('\n')}\n`), 4)),
      scan: refuseToScan,
    };
    const { rows, totalCount } = await selectPage(unscanned, contentHash, parseQuery('skip=1&maxpagesize=2'));
    expect([[...rows], totalCount]).toStrictEqual([[1, 2], 4]);
    await expect(selectPage(unscanned, contentHash, parseQuery('hasBudget=true'))).rejects.toThrow('scanned');
    await expect(selectPage(unscanned, contentHash, parseQuery('orderby=percentUsed'))).rejects.toThrow('scanned');
  });

  it('counts the matches before skip, top and paging', async () => {
    const { totalCount } = await selectPage(documented, contentHash, parseQuery('isUpgraded=true&skip=1&top=1'));
    expect(totalCount).toBe(3);
  });

  it('gives the rows of all pages once, in order', async () => {
    expect((await walk(parseQuery('maxpagesize=1&orderby=customerName'))).flat()).toStrictEqual([0, 1, 3, 2]);
  });

  test.prop([testRecords, fc.integer({ min: 1, max: 5 }), fc.nat(4), fc.integer({ min: 1, max: 9 }), fc.boolean()])(
    'gives in pages what it gives in one',
    async (records, maxpagesize, skip, top, isOrdered) => {
      const snapshot = toStoredSnapshot(snapshotOfRecords(records));
      const text = `skip=${skip}&top=${top}${isOrdered ? '&orderby=customerName desc' : ''}`;
      const pages = await walk(parseQuery(`${text}&maxpagesize=${maxpagesize}`), snapshot);
      expect(pages.flat()).toStrictEqual((await walk(parseQuery(text), snapshot)).flat());
      expect(pages.slice(0, -1).every((page) => page.length === maxpagesize)).toBe(true);
    },
  );

  it('says that a cursor is expired when its snapshot is gone', async () => {
    const { next } = await selectPage(documented, contentHash, parseQuery('maxpagesize=1'));
    const query = parseQuery(formatQuery(next ?? parseQuery('')));
    await expect(selectPage(documented, 'f'.repeat(64), query)).rejects.toThrow(
      expect.objectContaining({ refusal: { kind: 'CursorExpired' } }),
    );
  });

  it.each([0, 4, 4_000_000_000])('refuses a cursor made to point at place %d', async (position) => {
    const query = parseQuery('maxpagesize=1');
    const forged = { ...query, cursor: createCursor(formatQueryWithoutCursor(query), contentHash, position) };
    await expect(selectPage(documented, contentHash, forged)).rejects.toThrow(/InvalidRequest/);
  });
});

describe('cursor', () => {
  const first = parseQuery('maxpagesize=1&hasBudget=true');
  const link = formatQuery({ ...first, cursor: createCursor(formatQueryWithoutCursor(first), contentHash, 1) });

  it('is short and safe in a URL', () => {
    expect(new URLSearchParams(link).get('cursor')).toMatch(/^[\w-]{22}$/);
  });

  it('goes with a query that means the same', () => {
    expect(findProblems(`${link}&view=full&skip=000`)).toStrictEqual([]);
  });

  it.each([
    'hasBudget=true',
    'maxpagesize=1',
    'maxpagesize=2&hasBudget=true',
    'maxpagesize=1&hasBudget=false',
    'maxpagesize=1&hasBudget=true&isUpgraded=true',
    'maxpagesize=1&hasBudget=true&orderby=customerName',
    'maxpagesize=1&hasBudget=true&skip=1',
    'maxpagesize=1&hasBudget=true&top=1',
  ])('does not go with another query: %s', (text) => {
    const cursor = new URLSearchParams(link).get('cursor') ?? '';
    expect(findProblemCodes(`${text}&cursor=${cursor}`)).toStrictEqual(['cursor InvalidCursor']);
  });

  it('is blamed for nothing while another parameter is wrong', () => {
    expect(findProblemCodes(`${link}&top=x`)).toStrictEqual(['top InvalidParameter']);
  });

  test.prop([fc.nat(21), fc.constantFrom('A', 'B', 'g', 'w', 'z', '0', '9', '-', '_', '.', '=')])(
    'is refused with any character changed',
    (place, character) => {
      const cursor = new URLSearchParams(link).get('cursor') ?? '';
      fc.pre(cursor[place] !== character);
      const changed = cursor.slice(0, place) + character + cursor.slice(place + 1);
      expect(findProblemCodes(`maxpagesize=1&hasBudget=true&cursor=${changed}`)).toStrictEqual([
        'cursor InvalidCursor',
      ]);
    },
  );
});

describe('renderRecords', () => {
  test.prop([fc.array(fc.nat(3), { maxLength: 6 })])('joins the bytes of any rows', (rows) => {
    expect(Buffer.concat([...renderRecords(documented, Uint32Array.from(rows), '', '')]).toString()).toBe(
      rows.map((row) => documentedLines[row]).join(','),
    );
  });
});
