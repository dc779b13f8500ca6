import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';

const errorBodyLimit = 64 * 1024;

export type HttpCall = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the call from outside. */
  readonly signal: AbortSignal;
  /** Limit of the whole exchange: connecting, headers and body. */
  readonly timeoutMs: number;
  /** Largest body of a 200; bodies of other answers are cut at 64 KiB. */
  readonly maxBytes: number;
};

export type HttpAnswer = {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

export type HttpFailureKind = 'aborted' | 'timeout' | 'network' | 'too-large';

/** No complete answer came. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: HttpFailureKind;
  /** The status line had arrived before the failure. */
  readonly answered: boolean;
  /** Such as `ECONNRESET` or `UND_ERR_SOCKET`. */
  readonly errorCode: string | undefined;

  constructor(kind: HttpFailureKind, answered: boolean, cause: unknown) {
    super(`no complete answer: ${kind}`, { cause });
    this.kind = kind;
    this.answered = answered;
    this.errorCode = errorCodeOf(cause);
  }
}

/** Our own connections to Partner Center and Entra; the attempt's deadline replaces undici's own header and body limits. */
export function createPartnerCenterAgent(): Agent {
  // One request at a time gains nothing from HTTP/2, and HTTP/1.1 resets cost one connection, not all streams.
  return new Agent({ connections: 4, allowH2: false, connectTimeout: 10_000, headersTimeout: 0, bodyTimeout: 0 });
}

/** One HTTP exchange with its body read to the end; follows no redirect. Throws HttpFailure. */
export async function exchange(dispatcher: Dispatcher, call: HttpCall): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = AbortSignal.any([call.signal, timeout]);
  let answered = false;
  try {
    const { method, url, headers, body = null } = call;
    const answer = await request(url, { dispatcher, method, headers, body, signal });
    answered = true;
    const { statusCode: status, statusText } = answer;
    const whole = await (status === 200
      ? readBody(answer.body, call.maxBytes, answer.headers['content-length'])
      : readStart(answer.body, errorBodyLimit));
    return { status, statusText, headers: answer.headers, body: whole };
  } catch (error) {
    if (error instanceof HttpFailure) throw error;
    if (call.signal.aborted) throw new HttpFailure('aborted', answered, error);
    throw new HttpFailure(timeout.aborted ? 'timeout' : 'network', answered, error);
  }
}

/** Into one buffer where the length is known: a list of 100 000 records must not be in memory twice. */
async function readBody(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  contentLength: string | string[] | undefined,
): Promise<Buffer> {
  const announced = Number(contentLength ?? 0);
  const whole = Buffer.allocUnsafe(announced > 0 && announced <= maxBytes ? announced : 0);
  const rest: Buffer[] = [];
  let filled = 0;
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new HttpFailure('too-large', true, undefined);
    if (bytes <= whole.length) filled += chunk.copy(whole, filled);
    else rest.push(chunk);
  }
  const start = whole.subarray(0, filled);
  return rest.length === 0 ? start : Buffer.concat([start, ...rest]);
}

async function readStart(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function errorCodeOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
