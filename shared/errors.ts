import { explanations } from './failure-explanations.ts';
import type { Explanation } from './failure-explanations.ts';

/** Why the last refresh failed: `reason` in answers and pointer, `code` in log lines (docs/reference/failure-codes.md). */
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
  /** The explanation of `code` unless given. */
  readonly explanation?: Explanation;
  /** The refused bytes, for `quarantine/`; never logged. */
  readonly evidence?: Uint8Array | undefined;
};

/** Partner Center, Entra, Key Vault or storage failed. The message is for operators and never leaves the process. */
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

type UnreadableBlobOptions = ErrorOptions & {
  readonly reason: 'missing' | 'corrupt';
  readonly etag?: string;
  readonly details?: FailureDetails;
};

/** A stored blob is missing or damaged. Any other `StorageUnavailable` means that storage could not be reached. */
export class UnreadableBlobError extends DependencyError {
  readonly reason: 'missing' | 'corrupt';
  /** Of a damaged pointer: whoever replaces it needs this ETag. */
  readonly etag: string | undefined;

  constructor(message: string, { reason, etag, details, ...options }: UnreadableBlobOptions) {
    super('StorageUnavailable', message, { ...options, details: { ...details, reason } });
    this.reason = reason;
    this.etag = etag;
  }
}

/** Any error as a DependencyError: an abort, a deadline or a defect becomes `UpstreamUnavailable`. */
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

/** One problem in a request, as `errors[]` of the 400 has it. */
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
    | 'TooManyCustomers'
    | 'UnsupportedApiVersionValue';
  readonly detail: string;
  readonly allowed?: readonly string[];
};

/** Why a request is refused. */
export type RequestRefusal =
  /** The request breaks the contract; names every problem at once. */
  | { readonly kind: 'InvalidRequest'; readonly problems: readonly ParameterProblem[] }
  /** The cursor belongs to a snapshot that is no longer the current one. */
  | { readonly kind: 'CursorExpired' }
  /** The snapshot has no row of this customer; `asOf` is the day or month of a kept one. */
  | { readonly kind: 'CustomerNotFound'; readonly asOf?: string | undefined }
  /** No list of the day or month is kept, or `reason`: it is lost or damaged. `before` and `after` are the nearest kept ones. */
  | {
      readonly kind: 'DayNotKept' | 'PeriodNotKept';
      readonly asked: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
      readonly reason: UnreadableBlobError['reason'] | undefined;
    }
  /** The header accepts none of the available media types or content codings. */
  | {
      readonly kind: 'NotAcceptable';
      readonly header: 'Accept' | 'Accept-Encoding';
      readonly available: readonly string[];
    }
  /** The body is too long to send uncompressed, and the caller does not accept gzip. */
  | { readonly kind: 'TooLargeUncompressed' }
  /** The caller is not known, or lacks the role. */
  | { readonly kind: 'CallerRefused'; readonly reason: CallerRefusal; readonly role: string }
  /** There is no snapshot yet, or the last good one is too old; `reason` says why there is no newer one, when that is known. */
  | {
      readonly kind: 'CacheEmpty' | 'SnapshotExpired';
      readonly reason: FailureCode | undefined;
      readonly retryAfterMs: number;
    }
  /** A refresh was asked for too soon after the last success. */
  | { readonly kind: 'RefreshTooSoon'; readonly retryAfterMs: number }
  /** The refresh asked for failed; without `retryAfterMs` waiting does not help. */
  | {
      readonly kind: 'RefreshFailed';
      readonly reason: FailureCode | undefined;
      readonly retryAfterMs: number | undefined;
    }
  /** App settings are bad or missing; `settings` where the caller may see which. */
  | { readonly kind: 'Misconfigured'; readonly settings?: readonly SettingProblem[] };

export type CallerRefusal = 'principal-missing' | 'principal-malformed' | 'role-missing';

/** One setting that keeps the app from working: its name and what it expects, never its value. */
export type SettingProblem = { readonly setting: string; readonly expected: string };

/** Ends a request with a problem instead of content. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refusal: RequestRefusal;

  constructor(refusal: RequestRefusal) {
    super(`the request is refused: ${refusal.kind}`);
    this.refusal = refusal;
  }
}
