import type { Trouble } from './trouble.ts';

const role =
  'give the user the Admin agent role in Partner Center (Account settings, User management), wait some minutes, then npm run consent';
const consentWithMfa = 'npm run consent, and go through MFA: the claim of that sign-in is what counts';

// Partner Center docs, "Partner Center REST error codes".
const byCode: readonly (Trouble & { readonly codes: readonly string[] })[] = [
  { codes: ['900421', '10001'], what: 'Partner Center wants MFA, and the sign-in was without', cure: consentWithMfa },
  {
    codes: ['900420'],
    what: 'the token is for another audience than Partner Center',
    cure: 'remove PARTNER_CENTER_API_URL, or set it to the API that the app has its permission for',
  },
  {
    codes: ['900329'],
    what: 'Partner Center takes no app-only token',
    cure: 'npm run consent: usage records need the token of a signed-in user',
  },
  { codes: ['900308', '900150'], what: 'the user who consented may not read usage', cure: role },
  {
    codes: ['900309'],
    what: 'a conditional access policy blocks the call',
    cure: 'an administrator finds the policy in the sign-in log of Entra and lets this user and app pass',
  },
  {
    codes: ['900124', '900149', '800039'],
    what: 'the partner agreement is not accepted, or the program is not active',
    cure: 'a global administrator of the partner accepts the agreement in Partner Center',
  },
];

/** What a refusal of Partner Center means, by its own code and else by the status. */
export function partnerCenterTroubleOf(status: number, code: string | undefined): Trouble {
  const seen = code === undefined ? `${status}` : `${status}, ${code}`;
  const { what, cure } = byCode.find(({ codes }) => codes.some((each) => each === code)) ?? byStatus(status);
  return { what: `${what} (${seen})`, cure };
}

function byStatus(status: number): Trouble {
  if (status === 401) {
    return {
      what: 'Partner Center refused the token',
      cure: 'check that PARTNER_CENTER_CLOUD and the tenant are those of this partner; then npm run consent',
    };
  }
  if (status === 403) return { what: 'the user who consented may not read usage', cure: role };
  if (status === 404) {
    return { what: 'there is no such API at this address', cure: 'remove or mend PARTNER_CENTER_API_URL' };
  }
  if (status === 429)
    return { what: 'Partner Center is throttling this partner', cure: 'wait some minutes and try again' };
  return { what: 'Partner Center failed', cure: 'wait some minutes and try again' };
}
