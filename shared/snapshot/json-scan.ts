/** The bytes of JSON's grammar that a scan tells apart (RFC 8259, section 2). */
export const ascii = {
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  letterE: 0x45,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  letterF: 0x66,
  letterN: 0x6e,
  letterT: 0x74,
  letterU: 0x75,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;
const { quote, comma, colon, openBracket, backslash, closeBracket, openBrace, closeBrace } = ascii;
const space = 0x20;

/** Another byte was expected at this place, or more of them if the bytes end there. */
export class JsonError extends SyntaxError {
  readonly at: number;

  constructor(at: number) {
    super('another byte was expected');
    this.at = at;
  }
}

/*
 * The functions below find where a value of JSON ends, which is enough to cut it out and to find its members. They take exactly what
 * JSON.parse takes, and throw a JsonError for anything else. Bytes after the last one count as 0, which JSON does not have.
 */

/** The place of the next byte that is not whitespace. */
export function skipBlanks(bytes: Buffer, start: number): number {
  let at = start;
  while ((bytes[at] ?? 0) <= space && isBlank(bytes[at] ?? 0)) at += 1;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The position after `byte`, which is expected here. */
export function skipByte(bytes: Buffer, at: number, byte: number): number {
  if (bytes[at] !== byte) throw new JsonError(at);
  return at + 1;
}

/** The position after the string whose opening quote is here. */
export function endOfString(bytes: Buffer, start: number): number {
  let at = skipByte(bytes, start, quote);
  for (;;) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte < space) throw new JsonError(at);
    // A loop without calls is 1.5 times as fast, and most strings have no escape.
    if (byte === backslash) return endOfEscapedString(bytes, at);
    at += 1;
  }
}

function endOfEscapedString(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte < space) throw new JsonError(at);
    at = byte === backslash ? endOfEscape(bytes, at + 1) : at + 1;
  }
}

const escapes = new Set(Buffer.from('"\\/bfnrt'));

function endOfEscape(bytes: Buffer, start: number): number {
  const byte = bytes[start] ?? 0;
  if (escapes.has(byte)) return start + 1;
  let at = skipByte(bytes, start, ascii.letterU);
  for (const end = at + 4; at < end; at += 1) if (!isHexDigit(bytes[at] ?? 0)) throw new JsonError(at);
  return at;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}

function isDigit(byte: number): boolean {
  return byte >= ascii.zero && byte <= ascii.nine;
}

/** The position after the string, number or word that starts here. */
function endOfScalar(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === quote) return endOfString(bytes, start);
  if (first === ascii.letterT) return endOfWord(bytes, start, words.true);
  if (first === ascii.letterF) return endOfWord(bytes, start, words.false);
  return first === ascii.letterN ? endOfWord(bytes, start, words.null) : endOfNumber(bytes, start);
}

const words = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') };

function endOfWord(bytes: Buffer, start: number, word: Buffer): number {
  let at = start;
  for (const byte of word) at = skipByte(bytes, at, byte);
  return at;
}

function endOfNumber(bytes: Buffer, start: number): number {
  let at = bytes[start] === ascii.minus ? start + 1 : start;
  at = bytes[at] === ascii.zero ? at + 1 : endOfDigits(bytes, at);
  if (bytes[at] === ascii.dot) at = endOfDigits(bytes, at + 1);
  if (((bytes[at] ?? 0) & ~space) === ascii.letterE) {
    at += 1;
    at = endOfDigits(bytes, bytes[at] === ascii.plus || bytes[at] === ascii.minus ? at + 1 : at);
  }
  // More digits may follow where the bytes end.
  if ((bytes[at] ?? 0) === 0) throw new JsonError(at);
  return at;
}

function endOfDigits(bytes: Buffer, start: number): number {
  let at = start;
  while (isDigit(bytes[at] ?? 0)) at += 1;
  if (at === start) throw new JsonError(at);
  return at;
}

/** Counts whitespace outside strings. */
export type BlankCount = { blanks: number };

/** The position after the value that starts here. */
export function endOfValue(bytes: Buffer, start: number, count: BlankCount): number {
  const first = bytes[start];
  return first === openBrace || first === openBracket ? endOfNested(bytes, start, count) : endOfScalar(bytes, start);
}

/** Does not call itself: values may be nested deeper than the stack allows. */
function endOfNested(bytes: Buffer, start: number, count: BlankCount): number {
  const closing: (number | undefined)[] = [];
  for (let at = start; ;) {
    const open = bytes[at];
    if (open === openBrace || open === openBracket) {
      const close = open === openBrace ? closeBrace : closeBracket;
      closing.push(close);
      const first = skipBlanks(bytes, at + 1);
      count.blanks += first - at - 1;
      at = first;
      if (bytes[first] !== close) {
        if (close === closeBrace) at = endOfKey(bytes, first, count);
        continue;
      }
    } else at = endOfScalar(bytes, at);
    // Behind a value: whatever closes here, then a comma and the next value.
    for (;;) {
      const close = closing.at(-1);
      const next = skipBlanks(bytes, at);
      count.blanks += next - at;
      at = next + 1;
      if (bytes[next] !== close) {
        const item = skipBlanks(bytes, skipByte(bytes, next, comma));
        count.blanks += item - at;
        at = close === closeBrace ? endOfKey(bytes, item, count) : item;
        break;
      }
      closing.pop();
      if (closing.length === 0) return at;
    }
  }
}

/** The position of the value after the key that starts here. */
function endOfKey(bytes: Buffer, start: number, count: BlankCount): number {
  const end = endOfString(bytes, start);
  const behind = skipBlanks(bytes, end);
  const value = skipBlanks(bytes, skipByte(bytes, behind, colon));
  count.blanks += value - end - 1;
  return value;
}
