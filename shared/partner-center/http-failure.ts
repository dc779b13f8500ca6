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
