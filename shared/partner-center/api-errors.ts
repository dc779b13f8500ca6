import type { FailureDetails } from '../errors.ts';
import type { HttpAnswer } from './http.ts';
import { partnerCenterCodes, unexpectedAnswer } from './partner-center-codes.ts';
import { parseRetryAfterMs } from './retry.ts';
import { createRefusal } from './upstream-failure.ts';
import type { Refusal, UpstreamFailure } from './upstream-failure.ts';
import { parseApiErrorCode, parseUpstreamId } from './page-envelope.ts';

/** Older refusals for want of multi-factor authentication have no body, only this reason phrase. */
const mfaRequired = '900421';

/** Reads an answer of Partner Center other than 200. */
export function readApiRefusal(answer: HttpAnswer, now: number): Refusal {
  const { status, statusText, headers } = answer;
  const upstreamCode = parseApiErrorCode(answer.body);
  const asksForMfa = status === 401 && upstreamCode === undefined && /mfa/i.test(statusText);
  const row = findRow(String(status), asksForMfa ? mfaRequired : upstreamCode);
  return createRefusal(row, {
    upstreamCode,
    retryAfterMs: parseRetryAfterMs(headers['retry-after'], now),
    details: { status, ...readUpstreamIds(answer) },
  });
}

/** By status and code, by a code that is too long to be mistaken for a status, by status, by its class. */
function findRow(status: string, code: string | undefined): UpstreamFailure {
  const isListed = ({ codes = [] }: (typeof partnerCenterCodes)[number]) => codes.some((one) => one === code);
  return (
    partnerCenterCodes.find((one) => one.status === status && isListed(one)) ??
    partnerCenterCodes.find((one) => (code ?? '').length > 4 && isListed(one)) ??
    partnerCenterCodes.find((one) => one.codes === undefined && one.status === status) ??
    partnerCenterCodes.find((one) => one.status === `${status.charAt(0)}xx`) ??
    unexpectedAnswer
  );
}

/** The ids that Microsoft's support asks for. */
export function readUpstreamIds({ headers }: HttpAnswer): FailureDetails {
  return {
    upstreamRequestId: parseUpstreamId(headers['ms-requestid']),
    upstreamCorrelationId: parseUpstreamId(headers['ms-correlationid']),
  };
}
