import { DependencyError } from '../errors.ts';
import type { FailureCode, FailureDetails } from '../errors.ts';
import type { HttpAnswer, HttpFailure } from './http.ts';
import { isTransientStatus, retryAfterMsOf } from './retry.ts';
import { parseApiErrorCode, parseUpstreamId } from './wire.ts';

/** Codes of a 401 that say that the user's sign-in was without multi-factor authentication; a new token changes nothing. */
const mfaCodes: readonly (string | undefined)[] = ['900421', '10001'];
/** The token is for another audience; the next one would be too. */
const wrongAudience = '900420';

export type ApiRefusal = {
  readonly failure: DependencyError;
  readonly transient: boolean;
  /** A 401 or 403: what the access token says is not enough. */
  readonly refusesToken: boolean;
  /** A 401 that a new access token may end. */
  readonly renewable: boolean;
};

/** Reads an answer of Partner Center other than 200. */
export function apiRefusalOf(answer: HttpAnswer, now: number): ApiRefusal {
  const { status } = answer;
  const upstreamCode = parseApiErrorCode(answer.body);
  const needsMfa = status === 401 && (mfaCodes.includes(upstreamCode) || /mfa/i.test(answer.statusText));
  const code = needsMfa ? 'UpstreamAuthRequired' : codeOf(status);
  const failure = new DependencyError(code, `Partner Center answered ${status}`, {
    retryAfterMs: retryAfterMsOf(answer.headers['retry-after'], now),
    details: { status, upstreamCode, cure: needsMfa ? 'sign-in-with-mfa' : undefined, ...upstreamIdsOf(answer) },
  });
  const renewable = status === 401 && !needsMfa && upstreamCode !== wrongAudience;
  return { failure, transient: isTransientStatus(status), refusesToken: status === 401 || status === 403, renewable };
}

function codeOf(status: number): FailureCode {
  if (status === 429) return 'UpstreamThrottled';
  // A 401 that outlives a new access token is about rights or configuration: a new sign-in would not end it.
  if (status === 401 || status === 403) return 'UpstreamForbidden';
  if (status < 300) return 'UpstreamInvalid';
  // Also 404: the list always exists, so it is the way there that is broken.
  return 'UpstreamUnavailable';
}

/** No answer, or half of one. */
export function apiFailureOf(failure: HttpFailure): { readonly failure: DependencyError; readonly transient: boolean } {
  const code = failure.kind === 'too-large' ? 'UpstreamInvalid' : 'UpstreamUnavailable';
  return {
    failure: new DependencyError(code, `Partner Center gave no complete answer: ${failure.kind}`, {
      cause: failure,
      details: { failure: failure.kind, errorCode: failure.errorCode },
    }),
    transient: failure.kind === 'timeout' || failure.kind === 'network',
  };
}

/** The ids that Microsoft's support asks for. */
export function upstreamIdsOf({ headers }: HttpAnswer): FailureDetails {
  return {
    upstreamRequestId: parseUpstreamId(headers['ms-requestid']),
    upstreamCorrelationId: parseUpstreamId(headers['ms-correlationid']),
  };
}
