import { DependencyError } from '../errors.ts';
import {
  ascii,
  createJsonWalk,
  endOfString,
  isBlank,
  skipBlanks,
  skipByte,
  skipValue,
  walkMembers,
} from './json-walk.ts';
import type { JsonWalk } from './json-walk.ts';

/** A page without its records. */
export type PageFrame = {
  /** The page parsed, with `items` empty. */
  readonly envelope: unknown;
  /** `undefined` when the page has no `items`. */
  readonly recordCount: number | undefined;
};

/**
 * Cuts a page of Partner Center's list into its records, in the page's order: each its own bytes without whitespace outside
 * strings, with every digit it came with, which may be a view of the page. Takes UTF-8 without a byte-order mark, any whitespace
 * and any order of members. Every byte passes JSON.parse once, in a record or in the envelope, so exactly what JSON.parse takes is
 * taken. Throws DependencyError `UpstreamInvalid` with the byte position when the page is not JSON, or has no single array
 * `items`; records cut before that have been yielded.
 */
export function* cutRecords(page: Buffer): Generator<Buffer, PageFrame> {
  const walk = createJsonWalk(page);
  try {
    const items = yield* walkPage(walk);
    if (items === undefined) return { envelope: JSON.parse(page.toString()), recordCount: undefined };
    const around = Buffer.concat([page.subarray(0, items.start), page.subarray(items.end)]);
    return { envelope: JSON.parse(around.toString()), recordCount: items.count };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // No cause: the message of JSON.parse quotes the text it stumbled over.
    throw invalidPage('a page is not JSON', 'not-json', walk.at);
  }
}

type Items = { readonly start: number; readonly end: number; readonly count: number };

/** Finds `items` and yields its records; walks the whole page, so that a second `items` is seen. */
function* walkPage(walk: JsonWalk): Generator<Buffer, Items | undefined> {
  let items: Items | undefined;
  skipBlanks(walk);
  if (walk.bytes[walk.at] !== ascii.openBrace) return undefined;
  for (const { keyStart, keyEnd } of walkMembers(walk)) {
    // A page has a handful of keys of its own, so each may be decoded: `"it\u0065ms"` is `items` too.
    if (JSON.parse(walk.bytes.toString('utf8', keyStart, keyEnd)) !== 'items') {
      skipValue(walk);
      continue;
    }
    if (items !== undefined) throw invalidPage('a page has items twice', 'duplicate-items', keyStart);
    if (walk.bytes[walk.at] !== ascii.openBracket) {
      throw invalidPage('the items of a page are no array', 'items-no-array', walk.at);
    }
    items = yield* walkItems(walk);
  }
  return items;
}

function* walkItems(walk: JsonWalk): Generator<Buffer, Items> {
  skipByte(walk, ascii.openBracket);
  const start = walk.at;
  let count = 0;
  skipBlanks(walk);
  if (walk.bytes[walk.at] !== ascii.closeBracket) {
    for (;;) {
      const line = nextLine(walk);
      JSON.parse(line.toString());
      yield line;
      count += 1;
      if (walk.bytes[walk.at] !== ascii.comma) break;
      walk.at += 1;
      skipBlanks(walk);
    }
  }
  const end = walk.at;
  skipByte(walk, ascii.closeBracket);
  return { start, end, count };
}

/** The value that starts here: a view of the page, or a copy when whitespace had to be dropped. */
function nextLine(walk: JsonWalk): Buffer {
  const start = walk.at;
  const blanksBefore = walk.blanks;
  skipValue(walk);
  const value = walk.bytes.subarray(start, walk.at);
  const blanks = walk.blanks - blanksBefore;
  return blanks === 0 ? value : withoutBlanks(value, blanks);
}

/** Copies a value without its whitespace outside strings, byte by byte: the runs between are too short for a call of `copy` each. */
function withoutBlanks(value: Buffer, blanks: number): Buffer {
  const line = Buffer.allocUnsafe(value.length - blanks);
  let length = 0;
  for (let at = 0; at < value.length;) {
    const byte = value[at] ?? 0;
    if (isBlank(byte)) {
      const before = value[at - 1];
      while (isBlank(value[at])) at += 1;
      // `1 2` must not become `12`.
      if (isScalar(before) && isScalar(value[at])) throw new SyntaxError('whitespace inside a number or word');
      continue;
    }
    const end = byte === ascii.quote ? endOfString(value, at + 1) : at + 1;
    for (; at < end; at += 1, length += 1) line[length] = value[at] ?? 0;
  }
  return line;
}

/** Whether `byte` can stand in a number, `true`, `false` or `null`. */
function isScalar(byte: number | undefined): boolean {
  return byte !== undefined && !structural.has(byte);
}

const structural = new Set<number>(Object.values(ascii));

function invalidPage(message: string, reason: string, position: number): DependencyError {
  return new DependencyError('UpstreamInvalid', message, { details: { reason, position } });
}
