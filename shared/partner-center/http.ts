import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { gunzipBody, gunzipStart } from './gunzip-body.ts';
import { HttpFailure } from './http-failure.ts';

/** Of the bodies of errors, and of refused ones as evidence. */
const startBytes = 64 * 1024;

export type HttpCall = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the call from outside. */
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

/** Our own connections to Partner Center and Entra; the attempt's deadline replaces undici's own header and body limits. */
export function createPartnerCenterAgent(): Agent {
  // One request at a time gains nothing from HTTP/2, and HTTP/1.1 resets cost one connection, not all streams.
  return new Agent({ connections: 4, allowH2: false, connectTimeout: 10_000, headersTimeout: 0, bodyTimeout: 0 });
}

/** One HTTP exchange with its body read to the end and decoded; asks for gzip and follows no redirect. Throws HttpFailure. */
export async function exchange(dispatcher: Dispatcher, call: HttpCall): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = AbortSignal.any([call.signal, timeout]);
  let answered = false;
  try {
    const { method, url, headers, body = null } = call;
    const asked = { ...headers, 'accept-encoding': 'gzip' };
    const answer = await request(url, { dispatcher, method, headers: asked, body, signal });
    answered = true;
    const { statusCode: status, statusText } = answer;
    const whole = await (status === 200
      ? readBody(answer.body, call.maxBytes, answer.headers)
      : readErrorBody(answer.body, answer.headers));
    return { status, statusText, headers: answer.headers, body: whole };
  } catch (error) {
    if (error instanceof HttpFailure) throw error;
    if (call.signal.aborted) throw new HttpFailure('aborted', answered, error);
    throw new HttpFailure(timeout.aborted ? 'timeout' : 'network', answered, error);
  }
}

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number, headers: IncomingHttpHeaders): Promise<Buffer> {
  const coding = readCoding(headers);
  switch (coding) {
    case 'identity':
      return await readPlainBody(body, maxBytes, headers['content-length']);
    case 'gzip':
      return await gunzipBody(body, maxBytes, startBytes);
    case 'unknown':
      throw new HttpFailure('content-coding', true, undefined, await readStart(body));
  }
}

async function readErrorBody(body: AsyncIterable<Buffer>, headers: IncomingHttpHeaders): Promise<Buffer> {
  const start = await readStart(body);
  return readCoding(headers) === 'gzip' ? gunzipStart(start, startBytes) : start;
}

function readCoding(headers: IncomingHttpHeaders): 'identity' | 'gzip' | 'unknown' {
  const coding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return 'identity';
  return coding === 'gzip' || coding === 'x-gzip' ? 'gzip' : 'unknown';
}

/** Into one buffer where the length is known: a list of 100 000 records must not be in memory twice. */
async function readPlainBody(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  contentLength: string | undefined,
): Promise<Buffer> {
  const announced = Number(contentLength ?? 0);
  const whole = Buffer.allocUnsafe(announced > 0 && announced <= maxBytes ? announced : 0);
  const rest: Buffer[] = [];
  let filled = 0;
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      const read = filled > 0 ? whole.subarray(0, filled) : (rest[0] ?? chunk);
      throw new HttpFailure('too-large', true, undefined, read.subarray(0, startBytes));
    }
    if (bytes <= whole.length) filled += chunk.copy(whole, filled);
    else rest.push(chunk);
  }
  const start = whole.subarray(0, filled);
  return rest.length === 0 ? start : Buffer.concat([start, ...rest]);
}

async function readStart(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= startBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, startBytes);
}
