import { DependencyError, RefusedError } from '../errors.ts';
import type { FailureCode, ParameterProblem, RequestRefusal, SettingProblem, UnreadableBlobError } from '../errors.ts';
import type { SnapshotStatus } from '../reading/snapshot-reader.ts';
import type { Answer, HeaderReader } from './message.ts';
import { bodyAnswer } from './message.ts';
import { contentTypes, namesType, problemJsonType } from './negotiation.ts';
import { problemTexts } from './problem-texts.ts';
import type { ProblemCode } from './problem-texts.ts';
import { lastModified, snapshotMember } from './representation.ts';

/** A failure as the caller sees it (RFC 9457, with `code`, `errors`, `settings`, `reason` and `snapshot` as extensions). */
export type Problem = {
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly ParameterProblem[];
  readonly settings?: readonly SettingProblem[];
  readonly reason?: FailureCode | UnreadableBlobError['reason'] | undefined;
  readonly nearest?: { readonly before: string | undefined; readonly after: string | undefined };
  readonly retryAfterMs?: number | undefined;
};

/** RFC 9457 wants an absolute URI per problem type; it is an identifier and leads nowhere. */
const typePrefix = 'urn:partner-usage-api:problem:';
/** A storage that is out of reach is asked again soon. */
const storageRetryMs = 5000;
/** A changed setting restarts the app within a minute. */
const restartMs = 60_000;

/** What an error is to the caller; anything unknown is an InternalError that tells nothing. */
export function toProblem(error: unknown): Problem {
  if (error instanceof RefusedError) return describeRefusal(error.refusal);
  if (error instanceof DependencyError && error.code === 'StorageUnavailable') {
    return { code: 'StorageUnavailable', retryAfterMs: error.retryAfterMs ?? storageRetryMs };
  }
  return { code: 'InternalError' };
}

function describeRefusal(refusal: RequestRefusal): Problem {
  switch (refusal.kind) {
    case 'InvalidRequest':
      return describeInvalidRequest(refusal.problems);
    case 'NotAcceptable': {
      const { header, available } = refusal;
      const detail = `Send no ${header} header, or one that takes ${available.join(' or ')}.`;
      return { code: 'NotAcceptable', detail };
    }
    case 'CallerRefused':
      if (refusal.reason !== 'role-missing') return { code: 'Unauthenticated' };
      return { code: 'Forbidden', detail: `Ask an administrator to grant the app role ${refusal.role}.` };
    case 'Misconfigured': {
      const { settings } = refusal;
      const detail = 'Correct the settings below in the app settings of the function app.';
      return { code: 'Misconfigured', ...(settings && { detail, settings }), retryAfterMs: restartMs };
    }
    case 'CustomerNotFound': {
      const { asOf } = refusal;
      return {
        code: refusal.kind,
        ...(asOf && { detail: `The list of ${asOf} has no usage record of this customer.` }),
      };
    }
    case 'DayNotKept':
    case 'PeriodNotKept':
      return describeNotKept(refusal);
    case 'CursorExpired':
    case 'TooLargeUncompressed':
    case 'RefreshTooSoon':
    case 'CacheEmpty':
    case 'SnapshotExpired':
    case 'RefreshFailed': {
      const { kind: code, ...members } = refusal;
      return { code, ...members };
    }
  }
}

type NotKept = Extract<RequestRefusal, { readonly kind: 'DayNotKept' | 'PeriodNotKept' }>;

function describeNotKept({ kind, asked, before, after, reason }: NotKept): Problem {
  const cause = {
    missing: `The list of ${asked} is lost.`,
    corrupt: `The list of ${asked} is damaged.`,
    none: `No list of ${asked} is kept.`,
  };
  const neighbours = [before, after].filter((each) => each !== undefined);
  const kept = neighbours.length === 0 ? 'Nothing is kept yet.' : `Nearest kept: ${neighbours.join(' and ')}.`;
  return { code: kind, detail: `${cause[reason ?? 'none']} ${kept}`, reason, nearest: { before, after } };
}

/** What an answer to a problem depends on besides the problem. */
export type ProblemContext = {
  readonly requestId: string;
  readonly headers: HeaderReader;
  /** Of the snapshot in memory: errors about data state its age. */
  readonly snapshotStatus: SnapshotStatus | undefined;
};

/** Whether errors of this status are about the data in memory, or its age. */
export function isAboutData(status: number): boolean {
  return [404, 410, 429, 503].includes(status);
}

/** The problem as an answer; `instance` is the request id. Without a `detail` of its own it gets the remedy of its code. */
export function problemAnswer(problem: Problem, { requestId, headers, snapshotStatus }: ProblemContext): Answer {
  const { code, retryAfterMs, detail, ...members } = problem;
  const [status, title, remedy] = problemTexts[code];
  const dated = isAboutData(status) ? snapshotStatus : undefined;
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
  return namesType(headers, problemJsonType) ? problemJsonType : contentTypes.json;
}

function describeInvalidRequest(problems: readonly ParameterProblem[]): Problem {
  const [first] = problems;
  const isOfOneKind = first !== undefined && problems.every(({ code }) => code === first.code);
  return {
    code: isOfOneKind ? first.code : 'InvalidRequest',
    detail: problems.map(({ parameter, detail }) => `${parameter}: ${detail}`).join('; '),
    errors: problems,
  };
}
