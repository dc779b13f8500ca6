import * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import { readUpstreamIds } from './http.ts';
import type { HttpAnswer } from './http.ts';
import { partnerCenterCodes, unexpectedAnswer } from './partner-center-codes.ts';
import { parseRetryAfterMs } from './retry.ts';
import { createRefusal } from './upstream-failure.ts';
import type { UpstreamRefusal, UpstreamFailure } from './upstream-failure.ts';

/** The code for missing multi-factor authentication; older refusals have no body, only a reason phrase. */
const mfaRequired = '900421';

const codeText = z.union([z.int().transform(String), z.string().regex(/^[\w.-]{1,40}$/)]);

/** The error body of a 4xx or 5xx, or the gateway's own shape with `statusCode` and `message`. */
const apiError = z.looseObject({
  code: codeText.optional().catch(undefined),
  description: z.string().catch('').default(''),
});

/** What an answer of Partner Center other than 200 means. */
export function readApiRefusal(answer: HttpAnswer, now: number): UpstreamRefusal {
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

/** By status and code, then by a code too long to be a status, then by status, then by the class of the status. */
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

/**
 * Partner Center's own code of an error body, as text. A description that ends in a code in brackets, as older MFA refusals
 * do, gives that one; `undefined` for HTML, an empty body and the gateway's shape.
 */
function parseApiErrorCode(body: Buffer): string | undefined {
  const error = parseJson(body.toString().replace(/^\uFEFF/, ''), apiError);
  return error && (/\((\d{3,8})\)\W*$/.exec(error.description)?.[1] ?? error.code);
}
