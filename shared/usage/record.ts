import { DependencyError } from '../errors.ts';

/**
 * One item of Partner Center's CustomerMonthlyUsageRecord collection: an object that names its customer. Every other member may
 * hold anything, since one odd record must not hide the rest of the list. Numbers are doubles for comparing and sorting only: the
 * exact digits stay in the record's own bytes. Source: Partner Center REST, "Get usage records for all customers".
 */
export type UsageRecord = Readonly<Record<string, unknown>>;

/** Members this service reads, each with the test that a documented value passes. Others but the date are never looked at. */
const documentedMembers = {
  /** The customer's tenant id. Shape is not checked: the documentation itself holds ids that are no GUIDs. */
  resourceId: orMissing(isText),
  /** Deprecated alias of `resourceId`; one of the two is there. */
  id: orMissing(isText),
  resourceName: orMissing(isText),
  /** Deprecated alias of `resourceName`. */
  name: orMissing(isText),
  /** `amount` in the customer's currency; missing or null when no budget is set. */
  budget: orMissing((value) => isObject(value) && orMissing(isNumber)(value['amount'])),
  /** `totalCost` of `budget.amount`, rounded to two decimals, uncapped; 0 without a budget. */
  percentUsed: isNumber,
  /** true: the customer has an Azure plan; false: a legacy subscription only. */
  isUpgraded: (value: unknown) => typeof value === 'boolean',
  /** Estimated cost of the month to date, in the customer's currency. */
  totalCost: isNumber,
  /** Means something on Azure plan rows only; legacy rows carry 0. */
  usdTotalCost: orMissing(isNumber),
  /** ISO 4217; Azure plan rows only. */
  currencyCode: orMissing(isText),
  /** A .NET culture name such as `fr-FR`; legacy rows only. Not a currency. */
  currencyLocale: orMissing(isText),
} satisfies Record<string, (value: unknown) => boolean>;

/** A member this service reads. `lastModifiedDate` is when the row's estimate was computed. */
export type DocumentedMember = keyof typeof documentedMembers | 'lastModifiedDate';

const testedMembers = Object.entries<(value: unknown) => boolean>(documentedMembers);

/**
 * The same value, known to be an object with a customer id. Throws DependencyError `UpstreamInvalid` with the record's position in
 * its page, and shows no value.
 */
export function checkRecord(value: unknown, position: number): UsageRecord {
  if (isUsageRecord(value)) return value;
  throw new DependencyError('UpstreamInvalid', 'an item of the list is not a record of a customer', {
    details: { reason: 'schema', member: isObject(value) ? 'resourceId' : undefined, record: position },
  });
}

/** Whether a value is an object with a customer id. */
export function isUsageRecord(value: unknown): value is UsageRecord {
  return isObject(value) && customerIdOf(value) !== '';
}

/** The customer id as Partner Center wrote it; `''` when there is none. */
export function customerIdOf({ resourceId, id }: UsageRecord): string {
  return textOrNone(resourceId) || textOrNone(id);
}

/** The members of a record, but for its date, whose values are not of the documented type. */
export function findOddMembers(record: UsageRecord): readonly DocumentedMember[] {
  let odd = none;
  for (const [member, test] of testedMembers) {
    if (!test(record[member]) && isTestedMember(member)) odd = [...odd, member];
  }
  return odd;
}

const none: readonly DocumentedMember[] = [];

/**
 * Epoch milliseconds of a date-time as .NET writes it: any number of fraction digits, and UTC where no offset is given.
 * NaN when it is none.
 */
export function parseInstant(text: string): number {
  if (!dateTimePattern.test(text)) return Number.NaN;
  // Without an offset Date.parse would take the machine's own zone.
  return Date.parse(text.endsWith('Z') || isSign(text.at(-6)) ? text : `${text}Z`);
}

const dateTimePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;

function isSign(character: string | undefined): boolean {
  return character === '+' || character === '-';
}

/** A text; `''` for anything else. */
export function textOrNone(value: unknown): string {
  return isText(value) ? value : '';
}

/** A number; NaN for anything else. */
export function numberOrNaN(value: unknown): number {
  return isNumber(value) ? value : Number.NaN;
}

export function isObject(value: unknown): value is UsageRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function orMissing(test: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || value === null || test(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTestedMember(name: string): name is keyof typeof documentedMembers {
  return name in documentedMembers;
}
