import { ascii } from './json-scan.ts';
import { kindBitAt, kindBits, readDigits, readDouble, readString } from './json-values.ts';
import { slots } from './record-scan.ts';
import type { Member } from './record-scan.ts';

/** A record whose values were found: its bytes begin at `start`, its spans at `base`. */
export type ScannedRecord = {
  readonly bytes: Buffer;
  readonly start: number;
  readonly spans: Uint32Array;
  readonly base: number;
};

/** Where the member's value begins in the record's bytes; 0 when it is missing. */
function getStart({ start, spans, base }: ScannedRecord, member: Member): number {
  const place = Number(spans[base + slots[member]]);
  return place === 0 ? 0 : start + place;
}

/** Where the value of a member that is not missing ends in the record's bytes. */
function getEnd({ start, spans, base }: ScannedRecord, member: Member): number {
  return start + Number(spans[base + slots[member] + 1]);
}

/** What the member says; `''` when it is missing or no text. */
export function readText({ bytes, start, spans, base }: ScannedRecord, member: Member): string {
  const slot = base + slots[member];
  const place = Number(spans[slot]);
  return place === 0 ? '' : readString(bytes, start + place, start + Number(spans[slot + 1]));
}

/** Whether both records have the member with the same bytes, and these are a text that is not empty. */
export function hasSameText(one: ScannedRecord, other: ScannedRecord, member: Member): boolean {
  const [start, otherStart] = [getStart(one, member), getStart(other, member)];
  if (start === 0 || otherStart === 0 || one.bytes[start] !== ascii.quote) return false;
  const length = getEnd(one, member) - start;
  if (length <= 2 || getEnd(other, member) - otherStart !== length) return false;
  for (let at = 0; at < length; at += 1) if (one.bytes[start + at] !== other.bytes[otherStart + at]) return false;
  return true;
}

/** The member's figure as Partner Center wrote it; `''` when it is missing or no number. */
export function readFigure(record: ScannedRecord, member: Member): string {
  const start = getStart(record, member);
  return start === 0 ? '' : readDigits(record.bytes, start, getEnd(record, member));
}

/** Where the member's value stands in the record's bytes; nowhere, at 0, when it is missing. */
export function findValue(record: ScannedRecord, member: Member): { readonly start: number; readonly end: number } {
  const start = getStart(record, member);
  return { start, end: start === 0 ? 0 : getEnd(record, member) };
}

/** Where the member's figure stands in the record's bytes; nowhere, at 0, when it is missing or no number. */
export function findFigure(record: ScannedRecord, member: Member): { readonly start: number; readonly end: number } {
  const found = findValue(record, member);
  return found.end > 0 && kindBitAt(record.bytes, found.start) === kindBits.number ? found : { start: 0, end: 0 };
}

/** The customer id as Partner Center wrote it; `''` when there is none. */
export function readCustomerId(record: ScannedRecord): string {
  return readText(record, findCustomerIdMember(record));
}

/** The member that holds the customer id. */
export function findCustomerIdMember(record: ScannedRecord): Member {
  return hasText(record, 'resourceId') ? 'resourceId' : 'id';
}

/** The customer's name as Partner Center wrote it; `''` when there is none. */
export function readCustomerName(record: ScannedRecord): string {
  return readText(record, findCustomerNameMember(record));
}

/** The member that holds the customer's name. */
export function findCustomerNameMember(record: ScannedRecord): Member {
  const start = getStart(record, 'resourceName');
  return start !== 0 && kindBitAt(record.bytes, start) !== kindBits.nothing ? 'resourceName' : 'name';
}

/** The member's figure as a double; NaN when it is missing or no number. */
export function readNumber({ bytes, start, spans, base }: ScannedRecord, member: Member): number {
  const slot = base + slots[member];
  const place = Number(spans[slot]);
  return place === 0 ? Number.NaN : readDouble(bytes, start + place, start + Number(spans[slot + 1]));
}

/** Whether the member is `true`; `undefined` when it is missing or neither `true` nor `false`. */
export function readFlag({ bytes, start, spans, base }: ScannedRecord, member: Member): boolean | undefined {
  const place = Number(spans[base + slots[member]]);
  if (place === 0 || kindBitAt(bytes, start + place) !== kindBits.flag) return undefined;
  return bytes[start + place] === ascii.letterT;
}

/** Whether the record says whose it is. */
export function hasCustomerId(record: ScannedRecord): boolean {
  return hasText(record, 'resourceId') || hasText(record, 'id');
}

function hasText(record: ScannedRecord, member: Member): boolean {
  const start = getStart(record, member);
  return start !== 0 && getEnd(record, member) - start > 2 && kindBitAt(record.bytes, start) === kindBits.text;
}
