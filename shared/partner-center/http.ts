import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as send } from 'undici';
import type { Dispatcher } from 'undici';
import { readBody, readErrorBody } from './http-body.ts';
import { HttpFailure } from './upstream-failure.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The caller's: ends the exchange early. */
  readonly signal: AbortSignal;
  /** Limit of the whole exchange: connecting, headers and body. */
  readonly timeoutMs: number;
  /** Largest body of a 200, decoded; bodies of other answers are cut at 64 KiB. */
  readonly maxBytes: number;
};

export type HttpAnswer = {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  /** Decoded. */
  readonly body: Buffer;
};

/** The connections to Partner Center and Entra; each exchange has its own deadline, so undici's header and body limits are off. */
export function createPartnerCenterAgent(): Agent {
  // One request at a time gains nothing from HTTP/2, and HTTP/1.1 resets cost one connection, not all streams.
  return new Agent({ connections: 4, allowH2: false, connectTimeout: 10_000, headersTimeout: 0, bodyTimeout: 0 });
}

/** One HTTP exchange with its body read to the end and decoded; asks for gzip and follows no redirect. */
export async function exchange(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpAnswer | HttpFailure> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  let answered = false;
  try {
    const { method, url, body = null } = request;
    const headers = { ...request.headers, 'accept-encoding': 'gzip' };
    const answer = await send(url, { dispatcher, method, headers, body, signal });
    answered = true;
    const { statusCode: status, statusText } = answer;
    const whole = await (status === 200
      ? readBody(answer.body, answer.headers, request.maxBytes)
      : readErrorBody(answer.body, answer.headers));
    return { status, statusText, headers: answer.headers, body: whole };
  } catch (error) {
    if (error instanceof HttpFailure) return error;
    if (request.signal.aborted) return new HttpFailure('aborted', answered, error);
    return new HttpFailure(timeout.aborted ? 'timeout' : 'network', answered, error);
  }
}
