import * as z from 'zod';
import { kindBits } from '../snapshot/json-values.ts';
import type { Member } from '../snapshot/record-scan.ts';
import { documentedKinds, isDocumentedMember } from '../snapshot/record.ts';

const { missing, nothing, text, number, flag } = kindBits;

const descriptions: Readonly<Record<Member, string>> = {
  resourceId: "The customer's tenant id.",
  id: 'The same id; deprecated by Partner Center.',
  resourceName: "The customer's name.",
  name: 'The same name; deprecated by Partner Center.',
  budget: "The customer's budget.",
  amount: "The month's budget; absent or null when none is set.",
  percentUsed: 'Share of the budget used, in percent; 0 without a budget.',
  isUpgraded: 'True for an Azure plan, false for a legacy subscription.',
  totalCost: "Estimated cost of the month to date, in the row's currency.",
  usdTotalCost: 'The cost in USD; 0 in legacy records.',
  currencyCode: 'ISO 4217 code; in Azure plan records only.',
  currencyLocale: 'A culture name; in legacy records only.',
  lastModifiedDate: 'When Partner Center computed the estimate.',
};

const amount = describeMember(documentedKinds.amount, descriptions.amount);
const members = Object.keys(descriptions)
  .filter(isDocumentedMember)
  .map((name) => [name, describeMember(documentedKinds[name], descriptions[name])]);

/** A record as Partner Center writes it; other members are allowed. */
export const usageRecordSchema = z
  .looseObject(Object.fromEntries(members))
  .describe(
    "A customer's estimated usage of the month, as Partner Center has it. A member of an unexpected type is served as it came.",
  );

function describeMember(kinds: number, description: string): z.ZodType {
  const value = chooseSchema(kinds);
  const nullable = (kinds & nothing) === 0 ? value : value.nullable();
  const described = nullable.describe(description);
  return (kinds & missing) === 0 ? described : described.optional();
}

function chooseSchema(kinds: number): z.ZodType {
  if ((kinds & text) !== 0) return z.string();
  if ((kinds & number) !== 0) return z.number();
  if ((kinds & flag) !== 0) return z.boolean();
  return z.looseObject({ amount });
}
