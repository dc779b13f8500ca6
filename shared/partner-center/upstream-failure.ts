import { DependencyError } from '../errors.ts';
import type { DependencyErrorOptions, FailureCode } from '../errors.ts';
import type { Cure } from '../failure-explanations.ts';

export type HttpFailureKind = 'aborted' | 'timeout' | 'network' | 'too-large' | 'content-coding';

/** An exchange without a complete, readable answer. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: HttpFailureKind;
  /** The status line had arrived before the failure. */
  readonly answered: boolean;
  /** Such as `ECONNRESET` or `UND_ERR_SOCKET`. */
  readonly errorCode: string | undefined;
  /** The start of a refused body, before decoding. */
  readonly evidence: Buffer | undefined;

  constructor(kind: HttpFailureKind, answered: boolean, cause: unknown, evidence?: Buffer) {
    super(`no complete answer: ${kind}`, { cause });
    this.kind = kind;
    this.answered = answered;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    this.errorCode = typeof code === 'string' ? code : undefined;
    this.evidence = evidence;
  }
}

/** Whether another try may end better: after a wait, with a new access token, or never. */
type Retry = 'never' | 'after-wait' | 'with-new-token';

/** What a documented code means. */
export type UpstreamFailure = {
  readonly failure: FailureCode;
  /** `never` unless given. */
  readonly retry?: Retry;
  readonly cause: string;
  readonly cure: Cure;
  /** What to do, when that is more than the cure says. */
  readonly action?: string;
};

/** Rows of a table that have failure and retry in common. */
export function listRows<Row>(
  failure: FailureCode,
  retry: Retry,
  rows: readonly (Row & Omit<UpstreamFailure, 'failure' | 'retry'>)[],
) {
  return rows.map((row) => ({ failure, retry, ...row }));
}

/** A refused or failed request. */
export type UpstreamRefusal = { readonly failure: DependencyError; readonly retry: Retry };

type Seen = Omit<DependencyErrorOptions, 'explanation'> & { readonly upstreamCode?: string | undefined };

/** The refusal that a table row describes. */
export function createRefusal(
  { failure, retry = 'never', cause, cure, action }: UpstreamFailure,
  { upstreamCode, ...options }: Seen,
): UpstreamRefusal {
  const explanation = { upstreamCode, cause, cure, action };
  return { failure: new DependencyError(failure, cause, { ...options, explanation }), retry };
}

const withoutAnswer: Readonly<Record<HttpFailureKind, Omit<UpstreamFailure, 'cause'>>> = {
  timeout: { failure: 'UpstreamUnavailable', retry: 'after-wait', cure: 'network' },
  network: { failure: 'UpstreamUnavailable', retry: 'after-wait', cure: 'network' },
  aborted: { failure: 'UpstreamUnavailable', cure: 'network' },
  'too-large': { failure: 'UpstreamInvalid', cure: 'refused-answer' },
  'content-coding': { failure: 'UpstreamInvalid', cure: 'refused-answer' },
};

/** The refusal for an exchange that brought no complete answer, or one that cannot be read. */
export function createExchangeRefusal(error: HttpFailure, service: 'Partner Center' | 'Entra'): UpstreamRefusal {
  const { kind, errorCode, evidence } = error;
  const row = withoutAnswer[kind];
  const cause = `${service} gave no ${row.failure === 'UpstreamInvalid' ? 'readable' : 'complete'} answer`;
  return createRefusal(
    { ...row, cause },
    {
      details: { failure: kind, errorCode },
      cause: error,
      // An answer of Entra holds tokens.
      evidence: service === 'Entra' ? undefined : evidence,
    },
  );
}
