import { ascii, endOfString, endOfValue, skipBlanks, skipByte } from './json-scan.ts';
import type { BlankCount } from './json-scan.ts';

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

/** Where the places of a record's values go, and how much whitespace it has outside strings, which the places do not count. */
export type RecordSpans = BlankCount & { spans: Uint32Array; base: number };

/**
 * Finds the end of the object that opens here, and writes the places of its values into the slots `spans[base ..]`, as they are
 * without whitespace outside strings. Of several members of one name the last counts, as it does for JSON.parse. Throws JsonError.
 */
export function scanRecord(bytes: Buffer, start: number, row: RecordSpans): number {
  row.spans.fill(0, row.base, row.base + slotCount);
  row.blanks = 0;
  return scanObject(bytes, start, start, row, recordMembers);
}

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

function scanObject(bytes: Buffer, open: number, start: number, row: RecordSpans, members: MemberTable): number {
  const { spans, base } = row;
  let at = skipBlanks(bytes, skipByte(bytes, open, ascii.openBrace));
  row.blanks += at - open - 1;
  if (bytes[at] === ascii.closeBrace) return at + 1;
  for (;;) {
    const keyEnd = endOfString(bytes, at);
    const slot = findSlot(bytes, at + 1, keyEnd - 1, members);
    const colon = skipBlanks(bytes, keyEnd);
    const value = skipBlanks(bytes, skipByte(bytes, colon, ascii.colon));
    row.blanks += value - keyEnd - 1;
    const place = value - start - row.blanks;
    const end = endOfMember(bytes, value, start, row, slot);
    if (slot >= 0) {
      spans[base + slot] = place;
      spans[base + slot + 1] = end - start - row.blanks;
    }
    const next = skipBlanks(bytes, end);
    row.blanks += next - end;
    if (bytes[next] === ascii.closeBrace) return next + 1;
    at = skipBlanks(bytes, skipByte(bytes, next, ascii.comma));
    row.blanks += at - next - 1;
  }
}

function endOfMember(bytes: Buffer, value: number, start: number, row: RecordSpans, slot: number): number {
  if (slot === slots.budget) {
    row.spans.fill(0, row.base + slots.amount, row.base + slotCount);
    if (bytes[value] === ascii.openBrace) return scanObject(bytes, value, start, row, budgetMembers);
  }
  return endOfValue(bytes, value, row);
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
