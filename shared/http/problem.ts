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
import { jsonType, namesType, problemJsonType } from './accept.ts';
import { bodyAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import type { HeaderReader } from './correlation.ts';
import { problemTypes } from './problem-types.ts';
import type { ProblemCode } from './problem-types.ts';
import { lastModified, snapshotMember } from './snapshot-headers.ts';
import type { HeldSnapshot } from '../refresh/snapshot-reader.ts';

/** A failure as the caller sees it (RFC 9457, with `code`, `errors`, `settings`, `reason` and `snapshot` as extensions). */
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
  if (error instanceof CursorExpiredError) return { code: 'CursorExpired' };
  if (error instanceof NotAcceptableError) {
    const detail = `Send no Accept header, or one that takes ${error.available.join(' or ')}.`;
    return { code: 'NotAcceptable', detail };
  }
  if (error instanceof TooLargeUncompressedError) return { code: 'TooLargeUncompressed' };
  if (error instanceof CallerRefusedError) {
    if (error.reason !== 'role-missing') return { code: 'Unauthenticated' };
    return { code: 'Forbidden', detail: `Ask an administrator to grant the app role ${error.role}.` };
  }
  if (error instanceof SnapshotUnavailableError) {
    return { code: error.code, reason: error.reason, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof DependencyError && error.code === 'StorageUnavailable') {
    return { code: 'StorageUnavailable', retryAfterMs: error.retryAfterMs ?? 5000 };
  }
  return { code: 'InternalError' };
}

/** What an answer to a problem depends on besides the problem. */
export type ProblemContext = {
  readonly requestId: string;
  readonly headers: HeaderReader;
  /** What is held at this moment; errors that are about data say its age. */
  readonly held: HeldSnapshot | undefined;
};

/** Whether errors of this status come of the data that is held, or of its age. */
export function isAboutData(status: number): boolean {
  return [404, 410, 429, 503].includes(status);
}

/** The problem as an answer; `instance` is the request id. Without a `detail` of its own it gets the remedy of its code. */
export function problemAnswer(problem: Problem, { requestId, headers, held }: ProblemContext): Answer {
  const { code, retryAfterMs, detail, ...members } = problem;
  const [status, title, remedy] = problemTypes[code];
  const dated = isAboutData(status) ? held : undefined;
  const body = {
    type: `${typePrefix}${code}`,
    title,
    status,
    instance: requestId,
    code,
    detail: detail ?? remedy.replaceAll('`', ''),
    ...members,
    ...(dated && { snapshot: snapshotMember(dated) }),
  };
  return bodyAnswer(status, chooseProblemType(headers), Buffer.from(JSON.stringify(body)), {
    'cache-control': 'no-store',
    'x-ms-error-code': code,
    ...(dated && lastModified(dated)),
    // RFC 9110, 15.5.2: a 401 names how to do better. Only Entra callers get one from here.
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
  });
}

/** Logic Apps and Power Automate show makers any JSON but `application/json` as base64, so RFC 9457's own type is for those who name it. */
function chooseProblemType(headers: HeaderReader): string {
  return namesType(headers, problemJsonType) ? problemJsonType : `${jsonType}; charset=utf-8`;
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
