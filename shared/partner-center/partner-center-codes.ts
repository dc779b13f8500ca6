import { listRows } from './upstream-failure.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

type Row = UpstreamFailure & {
  /** A status, or a class of them. */
  readonly status: string;
  /** None: every other code of the status, and answers without one. */
  readonly codes?: readonly string[];
};

const refusedRequest = 'Partner Center refused the request, which is the documented one';
const correctAudience = 'remove PARTNER_CENTER_API_URL, or set it to the API that the app has its permission for';
const checkTenant = 'check that PARTNER_CENTER_CLOUD and the tenant are those of this partner; then npm run consent';

/** A status that the documentation does not have: a success without a body, for one. */
export const unexpectedAnswer: Row = {
  status: 'other',
  failure: 'UpstreamInvalid',
  cause: 'Partner Center answered without the list',
  cure: 'report',
};

/** Partner Center docs, "Partner Center REST error codes" and "MFA": one answer for every documented code. */
export const partnerCenterCodes: readonly Row[] = [
  ...listRows('UpstreamInvalid', 'never', [
    { status: '400', codes: ['2012', '2055', '3000', '800002', '900118'], cause: refusedRequest, cure: 'report' },
    { status: '501', codes: ['0'], cause: 'Partner Center reports a permanent error of its own', cure: 'report' },
    { status: '501', cause: 'Partner Center does not offer the list at this address', cure: 'address' },
    { status: '3xx', cause: 'something between the service and Partner Center redirects the request', cure: 'address' },
    { status: '4xx', cause: refusedRequest, cure: 'report' },
  ]),
  ...listRows('UpstreamAuthRequired', 'never', [
    {
      status: '401',
      codes: ['10001', '900421'],
      cause: 'Partner Center requires multi-factor authentication, and the sign-in behind the token had none',
      cure: 'sign-in-with-mfa',
    },
  ]),
  ...listRows('UpstreamForbidden', 'never', [
    {
      status: '401',
      codes: ['900420'],
      cause: 'the token has another audience than Partner Center',
      cure: 'address',
      action: correctAudience,
    },
    {
      status: '401',
      codes: ['800001'],
      cause: 'Partner Center found no partner in the token',
      cure: 'configuration',
      action: checkTenant,
    },
    { status: '403', codes: ['900329'], cause: 'Partner Center does not accept app-only tokens', cure: 'sign-in' },
    {
      status: '403',
      codes: ['900150', '900308', '2032'],
      cause: 'the user who consented may not read usage',
      cure: 'user-role',
    },
    { status: '403', codes: ['900309'], cause: 'a conditional access policy blocks the call', cure: 'access-policy' },
    {
      status: '403',
      codes: ['90000'],
      cause: 'Entra issued no token to Partner Center for this user',
      cure: 'access-policy',
    },
    { status: '403', codes: ['2030'], cause: 'the country of the partner is not enrolled', cure: 'partner-account' },
    {
      status: '403',
      codes: ['20002'],
      cause: 'the partner has no commerce relationship with a customer',
      cure: 'partner-account',
    },
    {
      status: '403',
      codes: ['800039', '900124', '900149'],
      cause: 'the partner agreement is not accepted, or the program is not active',
      cure: 'partner-account',
      action: 'a global administrator of the partner accepts the agreement in Partner Center',
    },
    { status: '403', cause: 'the user who consented may not read usage', cure: 'user-role' },
  ]),
  ...listRows('UpstreamForbidden', 'with-new-token', [
    {
      status: '401',
      codes: ['400'],
      cause: 'Partner Center refused the token',
      cure: 'configuration',
      action: checkTenant,
    },
    { status: '401', cause: 'Partner Center refused the token', cure: 'configuration', action: checkTenant },
  ]),
  ...listRows('UpstreamUnavailable', 'never', [
    {
      status: '404',
      codes: ['1000', '20003', '60003'],
      cause: 'there is no such list at this address',
      cure: 'address',
    },
    { status: '404', cause: 'there is no such API at this address', cure: 'address' },
  ]),
  ...listRows('UpstreamUnavailable', 'after-wait', [
    { status: '500', codes: ['800003', '900192'], cause: 'Partner Center failed', cure: 'wait' },
    { status: '408', cause: 'Partner Center did not get the request in time', cure: 'wait' },
    { status: '5xx', cause: 'Partner Center failed', cure: 'wait' },
  ]),
  ...listRows('UpstreamThrottled', 'after-wait', [
    { status: '429', cause: 'Partner Center is throttling this partner', cure: 'wait' },
  ]),
  unexpectedAnswer,
];
