import { ascii, endOfString } from './json-walk.ts';

/**
 * The members of a record that this service reads, by the slot of their span: the first byte of the value, counted from the
 * record's own, and in the next slot the one behind it. Both are 0 for a member that is missing. `amount` is that of the budget.
 */
export const slots = {
  resourceId: 0,
  id: 2,
  resourceName: 4,
  name: 6,
  budget: 8,
  percentUsed: 10,
  isUpgraded: 12,
  totalCost: 14,
  usdTotalCost: 16,
  currencyCode: 18,
  currencyLocale: 20,
  lastModifiedDate: 22,
  amount: 24,
} as const;

export type Member = keyof typeof slots;

/** How many slots a record takes. */
export const slotCount = 26;

/**
 * Writes the places of a record's values into the slots `spans[base ..]`, in one pass over its bytes: half the time of JSON.parse.
 * The record is `bytes[start .. end)`, without whitespace outside strings. Of several members of one name the last counts, as it
 * does for JSON.parse. Throws SyntaxError when there is no object that ends at `end`; other mistakes are left to JSON.parse.
 */
export function scanRecord(bytes: Buffer, start: number, end: number, spans: Uint32Array, base: number): void {
  spans.fill(0, base, base + slotCount);
  const scan = { bytes, start, spans, base };
  if (scanObject(scan, start, end, recordMembers) !== end) throw new SyntaxError('no object up to its end');
  const [budgetStart = 0, budgetEnd = 0] = [spans[base + slots.budget], spans[base + slots.budget + 1]];
  if (budgetEnd > 0 && bytes[start + budgetStart] === ascii.openBrace) {
    scanObject(scan, start + budgetStart, start + budgetEnd, budgetMembers);
  }
}

type Scan = { readonly bytes: Buffer; readonly start: number; readonly spans: Uint32Array; readonly base: number };

/** Names by their length, so that a key is compared with three of them at most. */
type MemberTable = readonly (readonly { readonly slot: number; readonly key: Buffer }[])[];

const longestName = 16;
const recordMembers = tableByLength(Object.entries(slots).filter(([name]) => name !== 'amount'));
const budgetMembers = tableByLength([['amount', slots.amount]]);

function tableByLength(members: readonly (readonly [name: string, slot: number])[]): MemberTable {
  return Array.from({ length: longestName + 1 }, (_, length) =>
    members.filter(([name]) => name.length === length).map(([name, slot]) => ({ slot, key: Buffer.from(name) })),
  );
}

/** Returns the place behind the object; -1 when it is not closed. */
function scanObject({ bytes, start, spans, base }: Scan, open: number, end: number, members: MemberTable): number {
  if (bytes[open] !== ascii.openBrace) throw new SyntaxError('no object');
  let at = open + 1;
  while (at < end && bytes[at] === ascii.quote) {
    const keyStart = at + 1;
    const keyEnd = endOfString(bytes, keyStart) - 1;
    const valueStart = keyEnd + 2;
    at = endOfValue(bytes, valueStart, end);
    const slot = findSlot(bytes, keyStart, keyEnd, members);
    if (slot >= 0) {
      spans[base + slot] = valueStart - start;
      spans[base + slot + 1] = at - start;
    }
    if (bytes[at] === ascii.comma) at += 1;
  }
  return bytes[at] === ascii.closeBrace ? at + 1 : -1;
}

function endOfValue(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start];
  if (first === ascii.quote) return endOfString(bytes, start + 1);
  if (first === ascii.openBrace || first === ascii.openBracket) return endOfNested(bytes, start, end);
  let at = start;
  while (at < end && bytes[at] !== ascii.comma && bytes[at] !== ascii.closeBrace) at += 1;
  return at;
}

function endOfNested(bytes: Buffer, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end;) {
    const byte = bytes[at];
    at = byte === ascii.quote ? endOfString(bytes, at + 1) : at + 1;
    if (byte === ascii.openBrace || byte === ascii.openBracket) depth += 1;
    else if (byte === ascii.closeBrace || byte === ascii.closeBracket) depth -= 1;
    if (depth === 0) return at;
  }
  return end;
}

/** The slot of the member with this key; -1 for one that is not read. */
function findSlot(bytes: Buffer, start: number, end: number, members: MemberTable): number {
  const candidates = members[end - start];
  if (candidates !== undefined) {
    for (let each = 0; each < candidates.length; each += 1) {
      const candidate = candidates[each];
      if (candidate !== undefined && isAt(bytes, start, candidate.key)) return candidate.slot;
    }
  }
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === ascii.backslash) return findEscapedSlot(bytes.toString('utf8', start - 1, end + 1), members);
  }
  return -1;
}

function isAt(bytes: Buffer, start: number, key: Buffer): boolean {
  for (let at = 0; at < key.length; at += 1) if (bytes[start + at] !== key[at]) return false;
  return true;
}

function findEscapedSlot(json: string, members: MemberTable): number {
  const key = Buffer.from(String(JSON.parse(json)));
  return members[key.length]?.find((candidate) => candidate.key.equals(key))?.slot ?? -1;
}
