import { explanations } from './explanation.ts';
import type { Explanation } from './explanation.ts';

/** Why the last refresh failed: `reason` in answers and pointer, `code` in log lines (docs/operating.md). */
export const failureCodes = [
  'UpstreamAuthRequired',
  'UpstreamForbidden',
  'UpstreamThrottled',
  'UpstreamUnavailable',
  'UpstreamInvalid',
  'UpstreamPartial',
  'UpstreamImplausible',
  'SecretsUnavailable',
  'StorageUnavailable',
] as const;

export type FailureCode = (typeof failureCodes)[number];

/** What a log line may say of a failure: statuses, codes and ids; never a secret, a name, an amount or a body. */
export type FailureDetails = Readonly<Record<string, string | number | boolean | undefined>>;

export type DependencyErrorOptions = ErrorOptions & {
  readonly retryAfterMs?: number | undefined;
  readonly details?: FailureDetails;
  /** What the code alone says unless given. */
  readonly explanation?: Explanation;
  /** The refused bytes, for `quarantine/`; never logged. */
  readonly evidence?: Uint8Array | undefined;
};

/** Partner Center, Entra, Key Vault or storage did not do its part. The message is for operators and never leaves the process. */
export class DependencyError extends Error {
  override readonly name = 'DependencyError';
  readonly code: FailureCode;
  /** What the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly details: FailureDetails;
  readonly explanation: Explanation;
  readonly evidence: Uint8Array | undefined;

  constructor(code: FailureCode, message: string, options: DependencyErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    const { explanation, details } = options;
    const { upstreamCode, cause, cure } = explanation ?? {};
    this.explanation = explanation ?? explanations[code];
    this.details = { ...(explanation && { upstreamCode, cause, cure }), ...details };
    this.evidence = options.evidence;
  }
}

/** What ended the work, as a DependencyError: an abort, a deadline or a defect becomes `UpstreamUnavailable`. */
export function toDependencyError(error: unknown, message: string): DependencyError {
  if (error instanceof DependencyError) return error;
  const failure = error instanceof Error ? error.name : typeof error;
  const isOverdue = ['AbortError', 'TimeoutError'].includes(failure);
  return new DependencyError('UpstreamUnavailable', message, {
    cause: error,
    details: { failure },
    ...(!isOverdue && { explanation: { cause: `the service itself failed (${failure})`, cure: 'defect' } }),
  });
}

/** One mistake in a request, as it stands in `errors[]` of the 400. */
export type ParameterProblem = {
  readonly parameter: string;
  readonly code:
    | 'InvalidParameter'
    | 'UnknownParameter'
    | 'DuplicateParameter'
    | 'InvalidRange'
    | 'InvalidOrderBy'
    | 'InvalidSelect'
    | 'CurrencyRequired'
    | 'InvalidCursor'
    | 'UnsupportedApiVersionValue';
  readonly detail: string;
  readonly allowed?: readonly string[];
};

/** The request breaks the contract; names every mistake at once. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  readonly problems: readonly ParameterProblem[];

  constructor(problems: readonly ParameterProblem[]) {
    super(`the request has ${problems.length} invalid parameter(s)`);
    this.problems = problems;
  }
}

/** The page walk started on a snapshot that is no longer the current one. */
export class CursorExpiredError extends Error {
  override readonly name = 'CursorExpiredError';

  constructor() {
    super('the cursor belongs to a snapshot that is gone');
  }
}

/** No row in the snapshot belongs to the customer asked for. */
export class CustomerNotFoundError extends Error {
  override readonly name = 'CustomerNotFoundError';

  constructor() {
    super('no row belongs to this customer');
  }
}

/** Nothing can be answered: there is no snapshot yet, or the last good one is too old. */
export class SnapshotUnavailableError extends Error {
  override readonly name = 'SnapshotUnavailableError';
  readonly code: 'CacheEmpty' | 'SnapshotExpired';
  /** Why there is no newer one, when that is known. */
  readonly reason: FailureCode | undefined;
  readonly retryAfterMs: number;

  constructor(code: 'CacheEmpty' | 'SnapshotExpired', reason: FailureCode | undefined, retryAfterMs: number) {
    super(code === 'CacheEmpty' ? 'there is no snapshot yet' : 'the last good snapshot is too old to serve');
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No representation that the request accepts exists. */
export class NotAcceptableError extends Error {
  override readonly name = 'NotAcceptableError';
  readonly available: readonly string[];

  constructor(available: readonly string[]) {
    super('no acceptable representation');
    this.available = available;
  }
}

/** The body is longer than may go out uncompressed, and the caller takes no gzip. */
export class TooLargeUncompressedError extends Error {
  override readonly name = 'TooLargeUncompressedError';

  constructor() {
    super('the body is too large to be sent uncompressed');
  }
}

/** The caller is not known, or may not do this. */
export class CallerRefusedError extends Error {
  override readonly name = 'CallerRefusedError';
  readonly reason: 'principal-missing' | 'principal-malformed' | 'role-missing';
  /** The role the route needs. */
  readonly role: string;

  constructor(reason: CallerRefusedError['reason'], role: string) {
    super(`the caller was refused: ${reason}`);
    this.reason = reason;
    this.role = role;
  }
}
