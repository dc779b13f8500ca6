import { DependencyError } from '../errors.ts';
import { ascii, endOfString, endOfValue, JsonError, skipBlanks, skipByte } from './json-scan.ts';

/** A page without its records. */
export type PageFrame = {
  /** The page parsed, with `items` empty. */
  readonly envelope: unknown;
  /** `undefined` when the page has no `items`. */
  readonly recordCount: number | undefined;
};

export type PageScan = {
  /** Reads the next bytes of the page, which may be cut anywhere. */
  add(chunk: Buffer): void;
  /** Ends the page. */
  end(): PageFrame;
};

/** Reads the record that starts here and returns the position after it. Throws JsonError when it is not JSON or not finished. */
export type AddRecord = (bytes: Buffer, start: number) => number;

/** What comes next in the page. `rest`: nothing that matters. */
type Phase = 'object' | 'first-key' | 'key' | 'value' | 'value-end' | 'first-item' | 'item' | 'item-end' | 'rest';

/**
 * Finds the records of a page of Partner Center's list while the page arrives, in the page's order. Takes UTF-8 without a byte-order
 * mark, any whitespace, any order of members, and nothing that JSON.parse would not take. Throws DependencyError `UpstreamInvalid`
 * with the byte position when the page is not JSON or has no single array `items`.
 */
export function createPageScan(addRecord: AddRecord): PageScan {
  /** Unread bytes, then a 0 that stops every scan. */
  let bytes = Buffer.alloc(1);
  let end = 0;
  /** The position of the first of these bytes in the page. */
  let position = 0;
  /** Wait for this many bytes before retrying, so a long value is not rescanned for every chunk. */
  let retryLength = 0;
  let phase: Phase = 'object';
  let hasItems = false;
  let recordCount = 0;
  /** Everything but the records, in parts. */
  const around: Buffer[] = [];

  function add(chunk: Buffer): void {
    append(chunk);
    if (end >= retryLength) read(false);
  }

  function append(chunk: Buffer): void {
    const length = end + chunk.length;
    if (length >= bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * length + 1);
      bytes.copy(larger, 0, 0, end);
      bytes = larger;
    }
    chunk.copy(bytes, end);
    bytes[length] = 0;
    end = length;
  }

  function read(isLast: boolean): void {
    let at = 0;
    try {
      for (let part = readers[phase]; part !== undefined; part = readers[phase]) at = part(at);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      if (isLast || error.at < end) throw invalidPage('a page is not JSON', 'not-json', position + at);
      retryLength = 2 * (end - at);
    }
    if (phase === 'rest') at = keep(at, end);
    bytes.copyWithin(0, at, end + 1);
    end -= at;
    position += at;
  }

  /** Keeps bytes that are no records, and returns where they end. */
  function keep(start: number, stop: number): number {
    around.push(Buffer.from(bytes.subarray(start, stop)));
    return stop;
  }

  function refuse(message: string, reason: string, at: number): DependencyError {
    return invalidPage(message, reason, position + at);
  }

  /** Each reads one part of the page and returns where the next one begins. */
  const readers: Readonly<Record<Phase, ((at: number) => number) | undefined>> = {
    rest: undefined,
    object(at) {
      const open = skipBlanks(bytes, at);
      if (open >= end) throw new JsonError(open);
      // A page that is no object has no items.
      if (bytes[open] !== ascii.openBrace) {
        phase = 'rest';
        return at;
      }
      phase = 'first-key';
      return keep(at, open + 1);
    },
    'first-key'(at) {
      const next = skipBlanks(bytes, at);
      if (next >= end) throw new JsonError(next);
      phase = bytes[next] === ascii.closeBrace ? 'value-end' : 'key';
      return keep(at, next);
    },
    key(at) {
      const start = skipBlanks(bytes, at);
      const stop = endOfString(bytes, start);
      const value = skipBlanks(bytes, skipByte(bytes, skipBlanks(bytes, stop), ascii.colon));
      if (value >= end) throw new JsonError(value);
      phase = 'value';
      // A page has a handful of keys of its own, so each may be decoded: `"it\u0065ms"` is `items` too.
      if (JSON.parse(bytes.toString('utf8', start, stop)) !== 'items') return keep(at, value);
      if (hasItems) throw refuse('a page has items twice', 'duplicate-items', start);
      if (bytes[value] !== ascii.openBracket) {
        throw refuse('the items of a page are no array', 'items-no-array', value);
      }
      hasItems = true;
      phase = 'first-item';
      return keep(at, value + 1);
    },
    value(at) {
      const stop = endOfValue(bytes, at, { blanks: 0 });
      phase = 'value-end';
      return keep(at, stop);
    },
    'value-end'(at) {
      const next = skipBlanks(bytes, at);
      const isEnd = bytes[next] === ascii.closeBrace;
      const stop = isEnd ? next + 1 : skipByte(bytes, next, ascii.comma);
      phase = isEnd ? 'rest' : 'key';
      return keep(at, stop);
    },
    'first-item'(at) {
      const next = skipBlanks(bytes, at);
      if (next >= end) throw new JsonError(next);
      phase = bytes[next] === ascii.closeBracket ? 'item-end' : 'item';
      return next;
    },
    item(at) {
      const stop = addRecord(bytes, skipBlanks(bytes, at));
      recordCount += 1;
      phase = 'item-end';
      return stop;
    },
    'item-end'(at) {
      const next = skipBlanks(bytes, at);
      if (bytes[next] !== ascii.closeBracket) {
        const item = skipByte(bytes, next, ascii.comma);
        phase = 'item';
        return item;
      }
      phase = 'value-end';
      return keep(next, next + 1);
    },
  };

  return {
    add,
    end() {
      if (phase !== 'rest') read(true);
      try {
        const envelope: unknown = JSON.parse(Buffer.concat(around).toString());
        return { envelope, recordCount: hasItems ? recordCount : undefined };
      } catch {
        // No cause: the message of JSON.parse quotes the text it stumbled over.
        throw refuse('a page is not JSON', 'not-json', end);
      }
    },
  };
}

function invalidPage(message: string, reason: string, position: number): DependencyError {
  return new DependencyError('UpstreamInvalid', message, { details: { reason, position } });
}
