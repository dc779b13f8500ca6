import { kindBits, kindBitAt } from './json-values.ts';
import { slots } from './record-scan.ts';
import type { Member } from './record-scan.ts';
import type { ScannedRecord } from './record-values.ts';

const { missing, nothing, text, number, flag, object } = kindBits;

/**
 * One item of Partner Center's CustomerMonthlyUsageRecord collection: an object that names its customer. Every other member may
 * hold anything, since one odd record must not hide the rest of the list. These are the members this service reads, each with the
 * kinds of value that are documented. Source: Partner Center REST, "Get usage records for all customers".
 */
export const documentedKinds = {
  /** The customer's tenant id. Shape is not checked: the documentation itself holds ids that are no GUIDs. */
  resourceId: missing | nothing | text,
  /** Deprecated alias of `resourceId`; one of the two is there. */
  id: missing | nothing | text,
  resourceName: missing | nothing | text,
  /** Deprecated alias of `resourceName`. */
  name: missing | nothing | text,
  budget: missing | nothing | object,
  /** Of the budget; missing or null when none is set. */
  amount: missing | nothing | number,
  /** `totalCost` of `budget.amount`, rounded to two decimals, uncapped; 0 without a budget. */
  percentUsed: number,
  /** true: the customer has an Azure plan; false: a legacy subscription only. */
  isUpgraded: flag,
  /** Estimated cost of the month to date, in the customer's currency. */
  totalCost: number,
  /** Means something on Azure plan rows only; legacy rows carry 0. */
  usdTotalCost: missing | nothing | number,
  /** ISO 4217; Azure plan rows only. */
  currencyCode: missing | nothing | text,
  /** A .NET culture name such as `fr-FR`; legacy rows only. Not a currency. */
  currencyLocale: missing | nothing | text,
  /** When the row's estimate was computed; a date-time. */
  lastModifiedDate: text,
} satisfies Record<Member, number>;

/** A member of a record that this service reads. */
export type DocumentedMember = Exclude<Member, 'amount'>;

const checks = Object.keys(documentedKinds)
  .filter(isMember)
  .map((name) => ({
    // Without its amount a budget cannot be read.
    member: name === 'amount' ? ('budget' as const) : name,
    slot: slots[name],
    kinds: documentedKinds[name],
  }));

/** The members whose values are not of a documented kind. Whether a text is a date-time is not looked at. */
export function findOddMembers({ bytes, start, spans, base }: ScannedRecord): readonly DocumentedMember[] {
  let odd = none;
  for (const { member, slot, kinds } of checks) {
    const place = Number(spans[base + slot]);
    const kind = place === 0 ? missing : kindBitAt(bytes, start + place);
    if ((kinds & kind) === 0 && !odd.includes(member)) odd = [...odd, member];
  }
  return odd;
}

const none: readonly DocumentedMember[] = [];

/**
 * Epoch milliseconds of a date-time as .NET writes it: any number of fraction digits, and UTC where no offset is given.
 * NaN when it is none.
 */
export function parseInstant(dateTime: string): number {
  if (!dateTimePattern.test(dateTime)) return Number.NaN;
  // Without an offset Date.parse would take the machine's own zone.
  return Date.parse(dateTime.endsWith('Z') || isSign(dateTime.at(-6)) ? dateTime : `${dateTime}Z`);
}

const dateTimePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;

function isSign(character: string | undefined): boolean {
  return character === '+' || character === '-';
}

function isMember(name: string): name is Member {
  return name in slots;
}

export function isDocumentedMember(name: string): name is DocumentedMember {
  return isMember(name) && name !== 'amount';
}
