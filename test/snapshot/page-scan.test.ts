import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { endOfValue } from '../../shared/snapshot/json-scan.ts';
import { createPageScan } from '../../shared/snapshot/page-scan.ts';
import { createLineStore } from '../../shared/snapshot/line-store.ts';
import { jsonText, page } from '../query/pages.ts';

/** Reads a page that arrives in pieces of `size` bytes. */
function read(text: string, size = Infinity) {
  const lines: string[] = [];
  const store = createLineStore();
  const scan = createPageScan((bytes, start) => {
    const count = { blanks: 0 };
    const end = endOfValue(bytes, start, count);
    const length = end - start - count.blanks;
    const place = store.add(bytes, start, end, length);
    lines.push(store.chunk.toString('utf8', place, place + length));
    return end;
  });
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) scan.add(bytes.subarray(start, start + size));
  return { ...scan.end(), lines, records: lines.map((line): unknown => JSON.parse(line)) };
}

function failureOf(text: string, size?: number): DependencyError {
  try {
    read(text, size);
  } catch (error) {
    if (error instanceof DependencyError) return error;
    throw error;
  }
  throw new Error('the page was taken');
}

describe('createPageScan', () => {
  it('keeps every digit of every record and parses the rest', () => {
    const cut = read(
      '{"totalCount":25,"items":[{"totalCost":120.5682999999995904716},{"totalCost":1e400}],"attributes":{}}',
    );
    expect(cut.lines).toStrictEqual(['{"totalCost":120.5682999999995904716}', '{"totalCost":1e400}']);
    expect(cut.records).toStrictEqual([{ totalCost: 120.5682999999996 }, { totalCost: Infinity }]);
    expect(cut.envelope).toStrictEqual({ totalCount: 25, items: [], attributes: {} });
    expect(cut.recordCount).toBe(2);
  });

  it('drops whitespace outside strings only', () => {
    const cut = read('\n{ "items" :\r\n[ { "a" : [ 1 , -2 ] ,\t"b c" : " x\\" \\\\" } \n, true ] }  ');
    expect(cut.lines).toStrictEqual(['{"a":[1,-2],"b c":" x\\" \\\\"}', 'true']);
  });

  it.each([
    ['after other members', '{"links":{"items":[9]},"items":[1]}'],
    ['before other members', '{"items":[1],"attributes":{"items":[[]]}}'],
    ['under an escaped key', '{"it\\u0065ms":[1]}'],
    ['beside texts that look like it', '{"a":"\\"items\\":[2]","items\\u0000":[3],"items":[1]}'],
  ])('finds items %s', (_, text) => {
    expect(read(text).lines).toStrictEqual(['1']);
  });

  it('finds no records in an empty array', () => {
    expect(read('{"items":[ ]}')).toMatchObject({ envelope: { items: [] }, recordCount: 0, lines: [] });
  });

  it.each(['{}', '{ }', '{"totalCount":0}', '[]', 'null', ' 7'])('says that %s has no items', (text) => {
    expect(read(text)).toStrictEqual({ envelope: JSON.parse(text), recordCount: undefined, lines: [], records: [] });
  });

  it.each([
    ['not-json', ''],
    ['not-json', '<html>'],
    ['not-json', '{"items":[1,,2]}'],
    ['not-json', '{"items":[,1]}'],
    ['not-json', '{"items":[1,]}'],
    ['not-json', '{"items":[1 2]}'],
    ['not-json', '{"items":[{"a":- 1}]}'],
    ['not-json', '{"items":[t rue]}'],
    ['not-json', '{"items":[1}'],
    ['not-json', '{"items":[{"a":[1}]}]}'],
    ['not-json', '{"items":["a'],
    ['not-json', '{"items":["a\\'],
    ['not-json', '{"items":[{"a":1'],
    ['not-json', '{"items":[1'],
    ['not-json', '{"items":[1]'],
    ['not-json', '{"items":[1]}x'],
    ['not-json', '{"items":[1]}}'],
    ['not-json', '{"items":[1],}'],
    ['not-json', '{"items" [1]}'],
    ['not-json', '{items:[1]}'],
    ['not-json', '{"\\x":1}'],
    ['not-json', '{"items":[1\u000b]}'],
    ['not-json', '{"items":["a\nb"]}'],
    ['duplicate-items', '{"items":[1],"items":[2]}'],
    ['duplicate-items', '{"items":[1],"it\\u0065ms":[]}'],
    ['items-no-array', '{"items":{}}'],
    ['items-no-array', '{"items":null}'],
  ])('refuses as %s: %j', (reason, text) => {
    expect(failureOf(text)).toMatchObject({ code: 'UpstreamInvalid', details: { reason } });
    expect(failureOf(text, 1)).toMatchObject({ code: 'UpstreamInvalid', details: { reason } });
  });

  it('says where the page is broken and quotes nothing of it', () => {
    const failure = failureOf('{"items":[{"name":"Contoso"},{"name":"Fabrikam}]}');
    expect(failure.details).toStrictEqual({ reason: 'not-json', position: 29 });
    expect(failure.cause).toBeUndefined();
    expect(failure.message).not.toContain('Fabrikam');
  });

  test.prop([page])('cuts the records a page was made of, byte by byte but for whitespace', ({ text, records }) => {
    const { lines } = read(text);
    expect(lines).toStrictEqual(records.map((record) => record.replaceAll(stringOrBlanks, '$1')));
    expect(lines.map(numbersOf)).toStrictEqual(records.map(numbersOf));
  });

  test.prop([page])('gives the values that JSON.parse of the whole page gives', ({ text }) => {
    expectSameVerdict(text);
    expect(read(text).envelope).toStrictEqual({ ...JSON.parse(text), items: [] });
  });

  test.prop([page, fc.nat(), fc.nat(3), fc.constantFrom('', ' ', '"', '\\', ',', '[', ']', '{', '}', ':', '1', '\n')], {
    numRuns: 1000,
  })('takes a damaged page exactly when JSON.parse does', ({ text }, place, removed, inserted) => {
    const at = place % (text.length + 1);
    expectSameVerdict(text.slice(0, at) + inserted + text.slice(at + removed));
  });

  test.prop([page, fc.nat()])('takes no page that ends too soon', ({ text }, place) => {
    expectSameVerdict(text.slice(0, place % text.length));
  });

  test.prop([page, fc.integer({ min: 1, max: 40 })])('reads a page the same however it is cut', ({ text }, size) => {
    expect(read(text, size)).toStrictEqual(read(text));
  });

  it('reads values nested deeper than a function can call itself', () => {
    const levels = 100_000;
    expect(cutDeep(levels, levels).recordCount).toBe(1);
    expect(() => cutDeep(levels, levels - 1)).toThrow(DependencyError);
  });

  test.prop([jsonText])('takes any JSON as a record', (text) => {
    expect(read(`{"items":[${text}]}`).records).toStrictEqual([JSON.parse(text)]);
  });
});

/** Scans one record of that many opening and closing brackets. */
function cutDeep(opening: number, closing: number) {
  const scan = createPageScan((bytes, start) => endOfValue(bytes, start, { blanks: 0 }));
  scan.add(Buffer.from(`{"items":[${'['.repeat(opening)}${']'.repeat(closing)}]}`));
  return scan.end();
}

const stringOrBlanks = /("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g;

/** The page parsed by JSON.parse, or `undefined`. */
function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Both refuse, or both take and see the same values. */
function expectSameVerdict(damaged: string): void {
  // UTF-8 has no half of a surrogate pair.
  const text = damaged.toWellFormed();
  const whole = parsedOf(text);
  if (whole === undefined) {
    expect(failureOf(text).code).toBe('UpstreamInvalid');
    return;
  }
  const { items } = Object(whole);
  if (items !== undefined && !Array.isArray(items)) {
    expect(failureOf(text).details).toMatchObject({ reason: 'items-no-array' });
    return;
  }
  const { envelope, recordCount, records } = read(text);
  expect(recordCount === undefined ? envelope : { ...Object(envelope), items: records }).toStrictEqual(whole);
}

/** The source text of every number, in the order JSON.parse visits them. */
function numbersOf(text: string): string[] {
  const sources: string[] = [];
  JSON.parse(text, (...visited: unknown[]) => {
    const [, value, context] = visited;
    if (typeof value === 'number') sources.push(JSON.stringify(context));
    return value;
  });
  return sources;
}
