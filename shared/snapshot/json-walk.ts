/** The bytes of JSON's grammar that a walk tells apart (RFC 8259, section 2). */
export const ascii = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;
const { quote, comma, colon, openBracket, backslash, closeBracket, openBrace, closeBrace } = ascii;

/**
 * A place in UTF-8 bytes of JSON. The steps below move it and throw a SyntaxError where the bytes end too soon or another byte
 * was due. They find where values begin and end and check nothing else: what they cut out is still to be given to JSON.parse.
 */
export type JsonWalk = {
  readonly bytes: Buffer;
  at: number;
  /** Bytes of whitespace inside the values skipped so far. */
  blanks: number;
};

/** A walk that starts at the first byte. */
export function createJsonWalk(bytes: Buffer): JsonWalk {
  return { bytes, at: 0, blanks: 0 };
}

/** Whether `byte` is JSON whitespace. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Moves to the next byte that is not whitespace, or to the end. */
export function skipBlanks(walk: JsonWalk): void {
  while (isBlank(walk.bytes[walk.at])) walk.at += 1;
}

/** Moves behind `byte`, which is due here. */
export function skipByte(walk: JsonWalk, byte: number): void {
  if (walk.bytes[walk.at] !== byte) throw new SyntaxError('another byte was due');
  walk.at += 1;
}

/** Moves behind the string that opens here. */
function skipString(walk: JsonWalk): void {
  skipByte(walk, quote);
  walk.at = endOfString(walk.bytes, walk.at);
}

/**
 * Moves from the first byte of a value to the comma or closing bracket that ends it, or to the end of the bytes; whitespace
 * behind the value counts as the value's.
 */
export function skipValue(walk: JsonWalk): void {
  const { bytes } = walk;
  let { at } = walk;
  let depth = 0;
  let blanks = 0;
  for (;;) {
    const byte = bytes[at];
    if (byte === quote) {
      at = endOfString(bytes, at + 1);
      continue;
    }
    if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) break;
      depth -= 1;
    } else if (byte === comma) {
      if (depth === 0) break;
    } else if (byte === undefined) {
      if (depth > 0) throw new SyntaxError('a bracket is not closed');
      break;
    } else if (isBlank(byte)) blanks += 1;
    at += 1;
  }
  walk.at = at;
  walk.blanks += blanks;
}

/**
 * Moves through the object that opens here and behind it. Yields at the first byte of each member's value with the place of its
 * key, quotes included; the walk must stand at the end of the value before the next step.
 */
export function* walkMembers(walk: JsonWalk): Generator<{ readonly keyStart: number; readonly keyEnd: number }> {
  skipByte(walk, openBrace);
  skipBlanks(walk);
  while (walk.bytes[walk.at] !== closeBrace) {
    const keyStart = walk.at;
    skipString(walk);
    const keyEnd = walk.at;
    skipBlanks(walk);
    skipByte(walk, colon);
    skipBlanks(walk);
    yield { keyStart, keyEnd };
    skipBlanks(walk);
    if (walk.bytes[walk.at] === closeBrace) break;
    skipByte(walk, comma);
    skipBlanks(walk);
  }
  walk.at += 1;
}

/** The place behind the string whose first character stands at `start`. */
export function endOfString(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === undefined) throw new SyntaxError('a string is not closed');
    at += byte === backslash ? 2 : 1;
  }
}
