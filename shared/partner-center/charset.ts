import { isUtf8 } from 'node:buffer';
import { DependencyError } from '../errors.ts';

/** Converts the bytes of a text to UTF-8 while they arrive. Both throw DependencyError `UpstreamInvalid` when these are not in their charset, or it is unknown. */
export type Utf8Converter = {
  readonly convert: (chunk: Buffer) => Buffer;
  readonly end: () => Buffer;
};

const longestMark = 3;
const nothing: Buffer = Buffer.alloc(0);

/**
 * A converter that removes a byte-order mark; Partner Center is known to send UTF-8 and UTF-16 marks. A mark has priority over the
 * `charset` of the content type.
 */
export function createUtf8Converter(contentType: string | undefined): Utf8Converter {
  let start = nothing;
  let decode: Decode | undefined;

  /** Chooses the decoder by the first bytes, and decodes them. */
  function begin(isLast: boolean): Buffer {
    const mark = findMarkedCharset(start);
    const charset = mark ?? readCharset(contentType);
    decode = charset === 'utf-8' || charset === 'utf8' ? createUtf8Check() : createDecode(charset);
    return decode(mark === 'utf-8' ? start.subarray(longestMark) : start, isLast);
  }

  return {
    convert(chunk) {
      if (decode !== undefined) return decode(chunk, false);
      start = Buffer.concat([start, chunk]);
      return start.length < longestMark ? nothing : begin(false);
    },
    end: () => (decode === undefined ? begin(true) : decode(nothing, true)),
  };
}

type Decode = (chunk: Buffer, isLast: boolean) => Buffer;

function createDecode(charset: string): Decode {
  const decoder = tryConvert(() => new TextDecoder(charset, { fatal: true }));
  return (chunk, isLast) => Buffer.from(tryConvert(() => decoder.decode(chunk, { stream: !isLast })));
}

/** Passes UTF-8 on without the last character of each chunk, which may be cut, until the next one. */
function createUtf8Check(): Decode {
  let held = nothing;
  return (chunk, isLast) => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = isLast ? bytes.length : findLastCharacter(bytes);
    held = Buffer.from(bytes.subarray(end));
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw createCharsetError();
    return whole;
  };
}

/** Where the last character begins if it is not ASCII, else the end. */
function findLastCharacter(bytes: Buffer): number {
  for (let at = bytes.length - 1; at >= bytes.length - 4; at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0xc0) return at;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

function createCharsetError(): DependencyError {
  return new DependencyError('UpstreamInvalid', 'a page is not in the charset it claims', {
    details: { reason: 'charset' },
  });
}

function findMarkedCharset(start: Buffer): string | undefined {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : undefined;
}

function readCharset(contentType = ''): string {
  return /;\s*charset="?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
}

function tryConvert<T>(convert: () => T): T {
  try {
    return convert();
  } catch {
    throw createCharsetError();
  }
}
