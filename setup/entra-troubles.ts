import { getAction } from '../shared/explanation.ts';
import { explainEntraError } from '../shared/partner-center/entra-errors.ts';
import type { Trouble } from './trouble.ts';

/** Which grant Entra refused: the same number means a late code in one and a dead refresh token in the other. */
export type Grant = 'authorization-code' | 'refresh-token';

const lateCode: Trouble = {
  what: 'the code of the sign-in had expired',
  cure: 'npm run consent, and go through the sign-in without a pause: a code lives for ten minutes',
};
const refusedCode: Trouble = { what: 'Entra did not take the code of the sign-in', cure: 'npm run consent' };

/** What an error of Entra means, by its AADSTS numbers and its `error`, never by its text. */
export function explainEntraTrouble(error: string, numbers: readonly number[], grant: Grant): Trouble {
  const seen = [error, ...numbers.map((number) => `AADSTS${number}`)].filter((part) => part !== '').join(', ');
  const { what, cure } = explainGrant(error, numbers, grant);
  return { what: seen === '' ? what : `${what} (${seen})`, cure };
}

function explainGrant(error: string, numbers: readonly number[], grant: Grant): Trouble {
  const { row, upstreamCode } = explainEntraError(error, numbers);
  if (grant === 'authorization-code' && upstreamCode === 'AADSTS70008') return lateCode;
  if (grant === 'authorization-code' && upstreamCode === 'invalid_grant') return refusedCode;
  return { what: row.cause, cure: getAction(row) };
}
