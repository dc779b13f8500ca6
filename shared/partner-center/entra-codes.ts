import { listRows } from './upstream-failure.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

const consent = 'npm run consent';

/**
 * Microsoft Entra, "authentication and authorization error codes": one answer for every documented code of a refresh token and
 * of a sign-in. A number says more than the name of the error, so it is looked for first.
 */
export const entraCodes: readonly (UpstreamFailure & { readonly codes: readonly string[] })[] = [
  ...listRows('UpstreamAuthRequired', 'never', [
    {
      codes: [
        'AADSTS700082',
        'AADSTS70008',
        'AADSTS70043',
        'AADSTS50173',
        'AADSTS50132',
        'AADSTS50133',
        'AADSTS70000',
        'invalid_grant',
      ],
      cause: 'the refresh token has expired or was revoked',
      cure: 'sign-in',
    },
    {
      codes: ['AADSTS50072', 'AADSTS50074', 'AADSTS50076', 'AADSTS50078', 'AADSTS50079', 'AADSTS530034'],
      cause: 'Entra requires multi-factor authentication, which this sign-in did not have',
      cure: 'sign-in-with-mfa',
    },
    {
      codes: ['AADSTS53000', 'AADSTS53001', 'AADSTS53002', 'AADSTS53003', 'AADSTS530032'],
      cause: 'a conditional access policy blocks the sign-in',
      cure: 'access-policy',
    },
    {
      codes: ['AADSTS65001', 'AADSTS90094', 'AADSTS90095', 'consent_required'],
      cause: 'the app has no consent for Partner Center in this tenant',
      cure: 'app-consent',
    },
    {
      codes: ['AADSTS50057'],
      cause: 'the account of the user is disabled',
      cure: 'user-account',
      action: `enable it, then ${consent}; or ${consent} as another user`,
    },
    {
      codes: ['AADSTS50053'],
      cause: 'the account of the user is locked',
      cure: 'user-account',
      action: `unlock it, then ${consent}; or ${consent} as another user`,
    },
    {
      codes: ['AADSTS50055', 'AADSTS50144'],
      cause: 'the password of the user has expired',
      cure: 'user-account',
      action: `change it, then ${consent}`,
    },
    {
      codes: ['AADSTS50020', 'AADSTS50034', 'AADSTS90072'],
      cause: 'this user does not belong to the partner tenant',
      cure: 'user-account',
      action: `${consent}, in a private window, as a user of the tenant of PARTNER_CENTER_TENANT_ID`,
    },
    {
      codes: ['AADSTS50105'],
      cause: 'this user is not assigned to the app',
      cure: 'user-account',
      action: `assign the user to the enterprise application, or switch "Assignment required" off; then ${consent}`,
    },
    {
      codes: ['AADSTS65004', 'access_denied'],
      cause: 'the sign-in or the consent was declined',
      cure: 'sign-in',
      action: `${consent}, and accept on the last page`,
    },
    {
      codes: ['AADSTS54005', 'AADSTS501481'],
      cause: 'the code of the sign-in was used already, or belongs to another run',
      cure: 'sign-in',
      action: `${consent}, and use the address that this run prints`,
    },
    { codes: ['interaction_required'], cause: 'Entra requires the user to sign in again', cure: 'sign-in-with-mfa' },
    { codes: ['login_required'], cause: 'nobody is signed in', cure: 'sign-in' },
  ]),
  ...listRows('UpstreamForbidden', 'never', [
    {
      codes: ['AADSTS500011', 'AADSTS650057', 'AADSTS65005', 'invalid_scope'],
      cause: 'Partner Center is not among the permissions of the app, or not known in this tenant',
      cure: 'app-consent',
    },
    {
      codes: ['AADSTS7000215'],
      cause: 'the client secret in the vault is wrong',
      cure: 'client-credential',
      action: 'store the value of the client secret, not its id, as a new version of the secret',
    },
    { codes: ['AADSTS7000222'], cause: 'the client secret in the vault has expired', cure: 'client-credential' },
    { codes: ['AADSTS7000218'], cause: 'the request to Entra had no credential of the app', cure: 'client-credential' },
    {
      codes: ['AADSTS700027'],
      cause: 'the certificate in the vault is not registered for the app',
      cure: 'client-credential',
      action: 'upload the certificate to the app registration; right after a change wait a minute and try again',
    },
    {
      codes: ['AADSTS7000112'],
      cause: 'the app is disabled in this tenant',
      cure: 'configuration',
      action: 'enable it under Enterprise applications',
    },
    {
      codes: ['AADSTS700016', 'unauthorized_client'],
      cause: 'the app is not known in this tenant',
      cure: 'configuration',
    },
    { codes: ['AADSTS90002', 'AADSTS900023'], cause: 'Entra does not know the tenant', cure: 'configuration' },
    {
      codes: ['AADSTS70011', 'AADSTS90014', 'AADSTS901002', 'AADSTS9002313', 'invalid_request'],
      cause: 'Entra did not understand the request',
      cure: 'configuration',
    },
    {
      codes: ['AADSTS700025', 'AADSTS9002327'],
      cause: 'the redirect address is registered for another kind of app',
      cure: 'configuration',
      action:
        'register http://localhost:8400/callback under the platform "Web", not "Mobile and desktop" or "Single-page"',
    },
    {
      codes: ['AADSTS50011', 'AADSTS500112', 'AADSTS500113'],
      cause: 'the redirect address is not registered',
      cure: 'configuration',
      action: 'add http://localhost:8400/callback to the Web redirect URIs of the app registration',
    },
    { codes: ['invalid_client'], cause: 'Entra refused the credential of the app', cure: 'client-credential' },
  ]),
  ...listRows('UpstreamUnavailable', 'after-wait', [
    {
      codes: ['AADSTS50000', 'AADSTS90033', 'server_error', 'temporarily_unavailable'],
      cause: 'Entra has a temporary failure',
      cure: 'wait',
    },
  ]),
  ...listRows('UpstreamThrottled', 'after-wait', [
    { codes: ['AADSTS90055'], cause: 'Entra is throttling this app', cure: 'wait' },
  ]),
  ...listRows('UpstreamThrottled', 'never', [
    // Asking again at once would prove Entra right.
    {
      codes: ['AADSTS50196'],
      cause: 'Entra is throttling this app, which seems to send requests in a loop',
      cure: 'wait',
    },
  ]),
];
