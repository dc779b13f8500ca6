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

/** What the member says; `undefined` when it is missing or no text. */
export function readText({ bytes, start, spans, base }: ScannedRecord, member: Member): string | undefined {
  const slot = base + slots[member];
  const place = spans[slot] ?? 0;
  return place === 0 ? undefined : readString(bytes, start + place, start + (spans[slot + 1] ?? 0));
}

/** Whether both records have the member with the same bytes, and these are a text that is not empty. */
export function hasSameText(one: ScannedRecord, other: ScannedRecord, member: Member): boolean {
  const slot = slots[member];
  const from = one.spans[one.base + slot] ?? 0;
  const otherFrom = other.spans[other.base + slot] ?? 0;
  const length = (one.spans[one.base + slot + 1] ?? 0) - from;
  if (length <= 2 || (other.spans[other.base + slot + 1] ?? 0) - otherFrom !== length) return false;
  const [start, otherStart] = [one.start + from, other.start + otherFrom];
  if (one.bytes[start] !== ascii.quote) return false;
  for (let at = 0; at < length; at += 1) if (one.bytes[start + at] !== other.bytes[otherStart + at]) return false;
  return true;
}

/** The member's figure as Partner Center wrote it; `''` when it is missing or no number. */
export function readFigure({ bytes, start, spans, base }: ScannedRecord, member: Member): string {
  const slot = base + slots[member];
  const place = spans[slot] ?? 0;
  return place === 0 ? '' : readDigits(bytes, start + place, start + (spans[slot + 1] ?? 0));
}

/** Where the member's value stands in the record's bytes; nowhere, at 0, when it is missing. */
export function findValue(
  { start, spans, base }: ScannedRecord,
  member: Member,
): { readonly start: number; readonly end: number } {
  const slot = base + slots[member];
  const place = spans[slot] ?? 0;
  return place === 0 ? { start: 0, end: 0 } : { start: start + place, end: start + (spans[slot + 1] ?? 0) };
}

/** Where the member's figure stands in the record's bytes; nowhere, at 0, when it is missing or no number. */
export function findFigure(record: ScannedRecord, member: Member): { readonly start: number; readonly end: number } {
  const found = findValue(record, member);
  return found.end > 0 && kindBitAt(record.bytes, found.start) === kindBits.number ? found : { start: 0, end: 0 };
}

/** The customer id as Partner Center wrote it; `''` when there is none. */
export function readCustomerId(record: ScannedRecord): string {
  return readText(record, findCustomerIdMember(record)) ?? '';
}

/** The member that holds the customer id. */
export function findCustomerIdMember(record: ScannedRecord): Member {
  return hasText(record, 'resourceId') ? 'resourceId' : 'id';
}

/** The customer's name as Partner Center wrote it; `''` when there is none. */
export function readCustomerName(record: ScannedRecord): string {
  return readText(record, findCustomerNameMember(record)) ?? '';
}

/** The member that holds the customer's name. */
export function findCustomerNameMember({ bytes, start, spans, base }: ScannedRecord): Member {
  const place = spans[base + slots.resourceName] ?? 0;
  return place !== 0 && kindBitAt(bytes, start + place) !== kindBits.nothing ? 'resourceName' : 'name';
}

/** The member's figure as a double; NaN when it is missing or no number. */
export function readNumber({ bytes, start, spans, base }: ScannedRecord, member: Member): number {
  const slot = base + slots[member];
  const place = spans[slot] ?? 0;
  return place === 0 ? Number.NaN : readDouble(bytes, start + place, start + (spans[slot + 1] ?? 0));
}

/** Whether the member is `true`; `undefined` when it is missing or neither `true` nor `false`. */
export function readFlag({ bytes, start, spans, base }: ScannedRecord, member: Member): boolean | undefined {
  const place = spans[base + slots[member]] ?? 0;
  if (place === 0 || kindBitAt(bytes, start + place) !== kindBits.flag) return undefined;
  return bytes[start + place] === ascii.letterT;
}

/** Whether the record says whose it is. */
export function hasCustomerId(record: ScannedRecord): boolean {
  return hasText(record, 'resourceId') || hasText(record, 'id');
}

function hasText({ bytes, start, spans, base }: ScannedRecord, member: Member): boolean {
  const slot = base + slots[member];
  const [from = 0, to = 0] = [spans[slot], spans[slot + 1]];
  return to - from > 2 && kindBitAt(bytes, start + from) === kindBits.text;
}
