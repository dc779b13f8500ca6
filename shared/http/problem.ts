import {
  CallerRefusedError,
  CursorExpiredError,
  CustomerNotFoundError,
  DependencyError,
  InvalidRequestError,
  NotAcceptableError,
  SnapshotUnavailableError,
  TooLargeUncompressedError,
} from '../errors.ts';
import type { FailureCode, ParameterProblem } from '../errors.ts';
import type { SettingProblem } from '../config.ts';
import { bodyAnswer } from './answer.ts';
import type { Answer } from './answer.ts';

/** Every `code` a problem body may carry, with its status and title: docs/calling.md lists the same. */
export const problemTypes = {
  InvalidRequest: [400, 'The request has several mistakes'],
  InvalidParameter: [400, 'A parameter has a value that is not allowed'],
  UnknownParameter: [400, 'There is no such parameter'],
  DuplicateParameter: [400, 'A parameter is given more than once'],
  InvalidRange: [400, 'A lower limit lies above its upper limit'],
  InvalidOrderBy: [400, 'The order is not one of those on offer'],
  InvalidSelect: [400, 'The fields are not those of a flat row'],
  CurrencyRequired: [400, 'Amounts can be compared within one currency only'],
  InvalidCursor: [400, 'The cursor does not belong to this request'],
  UnsupportedApiVersionValue: [400, 'There is no such API version'],
  Unauthenticated: [401, 'The caller is not known'],
  Forbidden: [403, 'The caller lacks a role'],
  CustomerNotFound: [404, 'No usage record belongs to this customer'],
  NotAcceptable: [406, 'No acceptable representation'],
  TooLargeUncompressed: [406, 'The answer is too large to be sent uncompressed'],
  CursorExpired: [410, 'The snapshot this page belonged to is gone'],
  RefreshTooSoon: [429, 'The usage data was refreshed less than five minutes ago'],
  InternalError: [500, 'The service failed'],
  CacheEmpty: [503, 'There is no usage data yet'],
  SnapshotExpired: [503, 'The last good usage data is too old to serve'],
  StorageUnavailable: [503, 'The stored usage data is out of reach'],
  RefreshFailed: [503, 'The usage data could not be refreshed'],
  Misconfigured: [503, 'The service is not configured'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

type ProblemCode = keyof typeof problemTypes;

/** A failure as the caller sees it (RFC 9457, with `code`, `errors`, `settings` and `reason` as extensions). */
export type Problem = {
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly ParameterProblem[];
  readonly settings?: readonly SettingProblem[];
  readonly reason?: FailureCode | undefined;
  readonly retryAfterMs?: number | undefined;
};

/** RFC 9457 wants an absolute URI per problem type; it is an identifier and leads nowhere. */
const typePrefix = 'urn:partner-usage-api:problem:';

/** What an error is to the caller; anything unknown is an InternalError that tells nothing. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InvalidRequestError) return invalidRequest(error.problems);
  if (error instanceof CustomerNotFoundError) return { code: 'CustomerNotFound' };
  if (error instanceof CursorExpiredError) return { code: 'CursorExpired', detail: 'Start again without a cursor.' };
  if (error instanceof NotAcceptableError) {
    return { code: 'NotAcceptable', detail: `Available: ${error.available.join(', ')}.` };
  }
  if (error instanceof TooLargeUncompressedError) {
    const detail = 'Accept gzip (Accept-Encoding), or ask for less: maxpagesize, top or filters.';
    return { code: 'TooLargeUncompressed', detail };
  }
  if (error instanceof CallerRefusedError) {
    if (error.reason !== 'role-missing') return { code: 'Unauthenticated' };
    return { code: 'Forbidden', detail: `The role ${error.role} is needed.` };
  }
  if (error instanceof SnapshotUnavailableError) {
    return { code: error.code, reason: error.reason, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof DependencyError && error.code === 'StorageUnavailable') {
    return { code: 'StorageUnavailable', retryAfterMs: error.retryAfterMs ?? 5000 };
  }
  return { code: 'InternalError' };
}

/** The problem as an answer; `instance` is the request id. */
export function problemAnswer(problem: Problem, requestId: string): Answer {
  const { code, retryAfterMs, ...members } = problem;
  const [status, title] = problemTypes[code];
  const body = { type: `${typePrefix}${code}`, title, status, instance: requestId, code, ...members };
  return bodyAnswer(status, 'application/problem+json', Buffer.from(JSON.stringify(body)), {
    'cache-control': 'no-store',
    'x-ms-error-code': code,
    // RFC 9110, 15.5.2: a 401 names how to do better. Only Entra callers get one from here.
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
  });
}

function invalidRequest(problems: readonly ParameterProblem[]): Problem {
  const [first] = problems;
  const isOfOneKind = first !== undefined && problems.every(({ code }) => code === first.code);
  return {
    code: isOfOneKind ? first.code : 'InvalidRequest',
    detail: problems.map(({ parameter, detail }) => `${parameter}: ${detail}`).join('; '),
    errors: problems,
  };
}
