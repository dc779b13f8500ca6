import { readString } from './json-values.ts';
import { findValue } from './record-values.ts';
import type { ScannedRecord } from './record-values.ts';
import type { Member } from './record-scan.ts';

/** A power of two. */
const places = 256;

/**
 * Returns a function that reads a member whose texts come again and again, such as a currency code: `read` gets a text that is new, or
 * `''` where there is none. To compare bytes takes a third of the time of making a text.
 */
export function createRepeatedTextReader<T>(member: Member, read: (text: string) => T): (record: ScannedRecord) => T {
  const known: ({ readonly bytes: Buffer; readonly value: T } | undefined)[] = Array.from({ length: places });

  return function readRepeatedText(record) {
    const { start, end } = findValue(record, member);
    const { bytes } = record;
    let hash = 0;
    for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + Number(bytes[at])) | 0;
    const place = hash & (places - 1);
    const found = known[place];
    if (found !== undefined && isSame(bytes, start, end, found.bytes)) return found.value;
    const value = read(start === 0 ? '' : readString(bytes, start, end));
    known[place] = { bytes: Buffer.from(bytes.subarray(start, end)), value };
    return value;
  };
}

function isSame(bytes: Buffer, start: number, end: number, other: Buffer): boolean {
  if (end - start !== other.length) return false;
  for (let at = start; at < end; at += 1) if (bytes[at] !== other[at - start]) return false;
  return true;
}
