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

/**
 * Partner Center docs, "Partner Center REST error codes" and "MFA": one answer for every documented code.
 */
export const partnerCenterCodes: readonly Row[] = [
  {
    status: '400',
    codes: ['2012', '2055', '3000', '800002', '900118'],
    failure: 'UpstreamInvalid',
    cause: refusedRequest,
    cure: 'report',
  },
  {
    status: '401',
    codes: ['10001', '900421'],
    failure: 'UpstreamAuthRequired',
    cause: 'Partner Center requires multi-factor authentication, and the sign-in behind the token had none',
    cure: 'sign-in-with-mfa',
  },
  {
    status: '401',
    codes: ['900420'],
    failure: 'UpstreamForbidden',
    cause: 'the token has another audience than Partner Center',
    cure: 'address',
    action: correctAudience,
  },
  {
    status: '401',
    codes: ['800001'],
    failure: 'UpstreamForbidden',
    cause: 'Partner Center found no partner in the token',
    cure: 'configuration',
    action: checkTenant,
  },
  {
    status: '401',
    codes: ['400'],
    failure: 'UpstreamForbidden',
    retry: 'with-new-token',
    cause: 'Partner Center refused the token',
    cure: 'configuration',
    action: checkTenant,
  },
  {
    status: '403',
    codes: ['900329'],
    failure: 'UpstreamForbidden',
    cause: 'Partner Center does not accept app-only tokens',
    cure: 'sign-in',
  },
  {
    status: '403',
    codes: ['900150', '900308', '2032'],
    failure: 'UpstreamForbidden',
    cause: 'the user who consented may not read usage',
    cure: 'user-role',
  },
  {
    status: '403',
    codes: ['900309'],
    failure: 'UpstreamForbidden',
    cause: 'a conditional access policy blocks the call',
    cure: 'access-policy',
  },
  {
    status: '403',
    codes: ['90000'],
    failure: 'UpstreamForbidden',
    cause: 'Entra issued no token to Partner Center for this user',
    cure: 'access-policy',
  },
  {
    status: '403',
    codes: ['2030'],
    failure: 'UpstreamForbidden',
    cause: 'the country of the partner is not enrolled',
    cure: 'partner-account',
  },
  {
    status: '403',
    codes: ['20002'],
    failure: 'UpstreamForbidden',
    cause: 'the partner has no commerce relationship with a customer',
    cure: 'partner-account',
  },
  {
    status: '403',
    codes: ['800039', '900124', '900149'],
    failure: 'UpstreamForbidden',
    cause: 'the partner agreement is not accepted, or the program is not active',
    cure: 'partner-account',
    action: 'a global administrator of the partner accepts the agreement in Partner Center',
  },
  {
    status: '404',
    codes: ['1000', '20003', '60003'],
    failure: 'UpstreamUnavailable',
    cause: 'there is no such list at this address',
    cure: 'address',
  },
  {
    status: '500',
    codes: ['800003', '900192'],
    failure: 'UpstreamUnavailable',
    retry: 'after-wait',
    cause: 'Partner Center failed',
    cure: 'wait',
  },
  {
    status: '501',
    codes: ['0'],
    failure: 'UpstreamInvalid',
    cause: 'Partner Center reports a permanent error of its own',
    cure: 'report',
  },
  {
    status: '401',
    failure: 'UpstreamForbidden',
    retry: 'with-new-token',
    cause: 'Partner Center refused the token',
    cure: 'configuration',
    action: checkTenant,
  },
  {
    status: '403',
    failure: 'UpstreamForbidden',
    cause: 'the user who consented may not read usage',
    cure: 'user-role',
  },
  { status: '404', failure: 'UpstreamUnavailable', cause: 'there is no such API at this address', cure: 'address' },
  {
    status: '408',
    failure: 'UpstreamUnavailable',
    retry: 'after-wait',
    cause: 'Partner Center did not get the request in time',
    cure: 'wait',
  },
  {
    status: '429',
    failure: 'UpstreamThrottled',
    retry: 'after-wait',
    cause: 'Partner Center is throttling this partner',
    cure: 'wait',
  },
  {
    status: '501',
    failure: 'UpstreamInvalid',
    cause: 'Partner Center does not offer the list at this address',
    cure: 'address',
  },
  {
    status: '3xx',
    failure: 'UpstreamInvalid',
    cause: 'something between the service and Partner Center redirects the request',
    cure: 'address',
  },
  { status: '4xx', failure: 'UpstreamInvalid', cause: refusedRequest, cure: 'report' },
  { status: '5xx', failure: 'UpstreamUnavailable', retry: 'after-wait', cause: 'Partner Center failed', cure: 'wait' },
  unexpectedAnswer,
];
