import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as startRequest } from 'undici';
import type { Dispatcher } from 'undici';
import type { FailureDetails } from '../errors.ts';
import { readBody, readErrorBody, streamBody } from './http-body.ts';
import type { ReceivedBody } from './http-body.ts';
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

/** A 200 whose body went to a reader. */
export type StreamedAnswer = ReceivedBody & { readonly headers: IncomingHttpHeaders };

/** Reads a body while it arrives. Neither function may throw: a body is received to its end, whatever is in it. */
export type BodyReader = {
  /** The body of another answer begins. */
  readonly start: (headers: IncomingHttpHeaders) => void;
  readonly add: (chunk: Buffer) => void;
};

/** The connections to Partner Center and Entra; each exchange has its own deadline, so undici's header and body limits are off. */
export function createPartnerCenterAgent(): Agent {
  // One request at a time gains nothing from HTTP/2, and HTTP/1.1 resets cost one connection, not all streams.
  return new Agent({ connections: 4, allowH2: false, connectTimeout: 10_000, headersTimeout: 0, bodyTimeout: 0 });
}

/** One HTTP exchange with its body read to the end and decoded; asks for gzip and follows no redirect. */
export async function exchange(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpAnswer | HttpFailure> {
  return await send(dispatcher, request, async ({ statusCode: status, statusText, headers, body }) => ({
    status,
    statusText,
    headers,
    body: await readBody(body, headers, request.maxBytes),
  }));
}

/** The same, but the body of a 200 goes to `reader` while it arrives. */
export async function exchangeStreamed(
  dispatcher: Dispatcher,
  request: HttpRequest,
  reader: BodyReader,
): Promise<StreamedAnswer | HttpAnswer | HttpFailure> {
  return await send(dispatcher, request, async ({ headers, body }) => {
    reader.start(headers);
    return { headers, ...(await streamBody(body, headers, request.maxBytes, reader.add)) };
  });
}

async function send<Answer>(
  dispatcher: Dispatcher,
  request: HttpRequest,
  readOk: (answer: Dispatcher.ResponseData) => Promise<Answer>,
): Promise<Answer | HttpAnswer | HttpFailure> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  let answered = false;
  try {
    const { method, url, body = null } = request;
    const headers = { ...request.headers, 'accept-encoding': 'gzip' };
    const answer = await startRequest(url, { dispatcher, method, headers, body, signal });
    answered = true;
    const { statusCode: status, statusText } = answer;
    if (status === 200) return await readOk(answer);
    return { status, statusText, headers: answer.headers, body: await readErrorBody(answer.body, answer.headers) };
  } catch (error) {
    if (error instanceof HttpFailure) return error;
    if (request.signal.aborted) return new HttpFailure('aborted', answered, error);
    return new HttpFailure(timeout.aborted ? 'timeout' : 'network', answered, error);
  }
}

/** The ids of an answer of Partner Center, which Microsoft's support asks for. */
export function readUpstreamIds({ headers }: Pick<HttpAnswer, 'headers'>) {
  return {
    upstreamRequestId: parseUpstreamId(headers['ms-requestid']),
    upstreamCorrelationId: parseUpstreamId(headers['ms-correlationid']),
  } satisfies FailureDetails;
}

/** An id from Partner Center, if it is short and in a safe alphabet, because it goes to logs and to the pointer. */
function parseUpstreamId(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : undefined;
}
