import type { Trouble } from './trouble.ts';

/** Which grant Entra refused: the same number means a late code in one and a dead refresh token in the other. */
export type Grant = 'authorization-code' | 'refresh-token';

const consent = 'npm run consent';
const credential =
  'make a new client secret or certificate for the app registration and store it as a new version of the secret';
const signInAgain = `${consent}: a partner user signs in anew, with MFA`;
const permission =
  'add the delegated permission user_impersonation of "Microsoft Partner Center" (fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd) to the app registration, and have an administrator grant it';
const wait = 'wait some minutes and try again';
const names =
  'compare PARTNER_CENTER_TENANT_ID, PARTNER_CENTER_CLIENT_ID and PARTNER_CENTER_CLOUD with the app registration';

// Microsoft Entra, "authentication and authorization error codes".
const byNumber: readonly (Trouble & { readonly numbers: readonly number[] })[] = [
  { numbers: [65004], what: 'the consent was declined', cure: `${consent}, and accept on the last page` },
  {
    numbers: [65001, 90094, 90095],
    what: 'the app has no consent for Partner Center in this tenant',
    cure: permission,
  },
  {
    numbers: [65005, 500011, 650057],
    what: 'Partner Center is not among the permissions of the app, or not known in this tenant',
    cure: permission,
  },
  {
    numbers: [50072, 50074, 50076, 50078, 50079, 530034],
    what: 'Entra wants multi-factor authentication, which this sign-in did not have',
    cure: `${consent}, with a user who has set up MFA (https://aka.ms/mfasetup)`,
  },
  {
    numbers: [53000, 53001, 53002, 53003, 530032],
    what: 'a conditional access policy stands in the way',
    cure: `an administrator finds the policy in the sign-in log of Entra and lets this user and app pass; then ${consent}`,
  },
  {
    numbers: [50020, 50034, 90072],
    what: 'this user does not belong to the partner tenant',
    cure: `${consent}, in a private window, as a user of the tenant of PARTNER_CENTER_TENANT_ID`,
  },
  {
    numbers: [50105],
    what: 'this user is not assigned to the app',
    cure: 'assign the user to the enterprise application, or switch "Assignment required" off',
  },
  { numbers: [50057], what: 'the account of the user is disabled', cure: `enable it; or ${consent} as another user` },
  {
    numbers: [50053],
    what: 'the account of the user is locked',
    cure: `wait or unlock it; or ${consent} as another user`,
  },
  { numbers: [50055, 50144], what: 'the password of the user has expired', cure: `change it; then ${consent}` },
  {
    numbers: [700082, 70043, 50173, 50132, 50133, 70000],
    what: 'the refresh token has expired or was revoked',
    cure: signInAgain,
  },
  {
    numbers: [7000215],
    what: 'the client secret in the vault is wrong',
    cure: 'store the value of the client secret, not its id, as a new version of the secret',
  },
  { numbers: [7000222], what: 'the client secret in the vault has expired', cure: credential },
  { numbers: [7000218], what: 'Entra missed the credential of the app', cure: credential },
  {
    numbers: [700027],
    what: 'the certificate in the vault is not registered for the app',
    cure: 'upload the certificate to the app registration; right after a change wait a minute and try again',
  },
  { numbers: [7000112], what: 'the app is disabled in this tenant', cure: 'enable it under Enterprise applications' },
  { numbers: [700016], what: 'the app is not known in this tenant', cure: names },
  {
    numbers: [700025, 9002327],
    what: 'the redirect address is registered for another kind of app',
    cure: 'register http://localhost:8400/callback under the platform "Web", not "Mobile and desktop" or "Single-page"',
  },
  {
    numbers: [50011, 500112, 500113],
    what: 'the redirect address is not registered',
    cure: 'add http://localhost:8400/callback to the Web redirect URIs of the app registration',
  },
  {
    numbers: [54005, 501481],
    what: 'the code of the sign-in was used already, or belongs to another run',
    cure: `${consent}, and use the address that this run prints`,
  },
  { numbers: [90002, 900023], what: 'Entra does not know the tenant', cure: names },
  { numbers: [70011, 90014, 901002, 9002313], what: 'Entra did not understand the request', cure: names },
  { numbers: [90033, 50000], what: 'Entra has a passing failure', cure: wait },
  { numbers: [90055, 50196], what: 'Entra saw too many requests', cure: wait },
];

const byError: Readonly<Record<string, Trouble>> = {
  access_denied: { what: 'the sign-in or the consent was declined', cure: `${consent}, and accept on the last page` },
  consent_required: { what: 'the app has no consent for Partner Center in this tenant', cure: permission },
  interaction_required: { what: 'Entra wants to see the user again', cure: signInAgain },
  login_required: { what: 'nobody is signed in', cure: signInAgain },
  invalid_client: { what: 'Entra refused the credential of the app', cure: credential },
  unauthorized_client: { what: 'the app may not sign users in this way', cure: names },
  invalid_scope: { what: 'Entra does not know the permission that was asked for', cure: permission },
  temporarily_unavailable: { what: 'Entra has a passing failure', cure: wait },
  server_error: { what: 'Entra has a passing failure', cure: wait },
};

const lateCode: Trouble = {
  what: 'the code of the sign-in had expired',
  cure: `${consent}, and go through the sign-in without a pause: a code lives for ten minutes`,
};

/** What an error of Entra means, by its AADSTS numbers and its `error`, never by its text. */
export function entraTroubleOf(error: string, numbers: readonly number[], grant: Grant): Trouble {
  const seen = [error, ...numbers.map((number) => `AADSTS${number}`)].filter((part) => part !== '').join(', ');
  const { what, cure } = troubleOf(error, numbers, grant);
  return { what: seen === '' ? what : `${what} (${seen})`, cure };
}

function troubleOf(error: string, numbers: readonly number[], grant: Grant): Trouble {
  if (numbers.includes(70008)) return grant === 'authorization-code' ? lateCode : refusedGrant(grant);
  const known = byNumber.find((trouble) => trouble.numbers.some((number) => numbers.includes(number)));
  if (known !== undefined) return known;
  if (error === 'invalid_grant') return refusedGrant(grant);
  return byError[error] ?? { what: 'Entra refused', cure: names };
}

function refusedGrant(grant: Grant): Trouble {
  return grant === 'authorization-code'
    ? { what: 'Entra did not take the code of the sign-in', cure: consent }
    : { what: 'the refresh token has expired or was revoked', cure: signInAgain };
}
