import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { cutRecords } from '../../shared/snapshot/record-lines.ts';
import { jsonText, page } from '../query/pages.ts';

function read(text: string) {
  const lines: string[] = [];
  const records = cutRecords(Buffer.from(text));
  let next = records.next();
  for (; next.done !== true; next = records.next()) lines.push(next.value.toString());
  const frame = next.value;
  return { ...frame, lines, records: lines.map((line): unknown => JSON.parse(line)) };
}

function failureOf(text: string): DependencyError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof DependencyError) return error;
    throw error;
  }
  throw new Error('the page was taken');
}

describe('cutRecords', () => {
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

  test.prop([jsonText])('takes any JSON as a record', (text) => {
    expect(read(`{"items":[${text}]}`).records).toStrictEqual([JSON.parse(text)]);
  });
});

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
