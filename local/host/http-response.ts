import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HttpCookie, HttpResponseDatum } from './core-module.ts';

export type HttpAnswer = {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array;
};

const nothing = new Uint8Array();

/** An answer without a body, as the host itself gives it. */
export function emptyAnswer(status: number): HttpAnswer {
  return { status, headers: status === 204 ? {} : { 'content-length': '0' }, body: nothing };
}

/** What the client gets for what the function returned; throws what makes the host answer 500. */
export function answerOf(datum: HttpResponseDatum | undefined, method: string): HttpAnswer {
  if (datum === undefined) return emptyAnswer(204);
  const status = Number(datum.statusCode);
  const headers: OutgoingHttpHeaders = { ...datum.headers };
  for (const [name, value] of Object.entries(datum.headers ?? {})) {
    if (/[^\t\x20-\x7e]/.test(value)) throw new Error(`the value of the header "${name}" is not ASCII`);
  }
  const cookies = (datum.cookies ?? []).map(cookieOf);
  const given = [headers['set-cookie'] ?? []].flat().map(String);
  if (cookies.length > 0) headers['set-cookie'] = [...given, ...cookies];

  const body = datum.body?.bytes ?? nothing;
  if (method === 'HEAD' || status === 204 || status === 304) return { status, headers, body: nothing };
  if (body.length === 0) headers['content-length'] ??= '0';
  if (Number(headers['content-length'] ?? body.length) !== body.length)
    throw new Error('the body is not as long as said');
  return { status, headers, body };
}

/** Writes an answer with the headers every answer of the host has; the body is chunked unless the app set its length. */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  customHeaders: Readonly<Record<string, string>>,
): void {
  response.sendDate = false;
  // Kestrel says nothing of the connection it keeps.
  if (headers['connection'] === undefined) response.removeHeader('connection');
  // node:http has its date from a clock that is not the app's.
  response.writeHead(status, { date: new Date().toUTCString(), server: 'Kestrel', ...headers, ...customHeaders });
  response.end(body);
}

/** One `set-cookie` value, in ASP.NET Core's order of members. */
function cookieOf({ name, value, domain, path, expires, secure, httpOnly, sameSite, maxAge }: HttpCookie): string {
  const parts = [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`];
  if (expires !== undefined) parts.push(`expires=${new Date(expires.value.seconds * 1000).toUTCString()}`);
  if (maxAge !== undefined) parts.push(`max-age=${Math.trunc(maxAge.value)}`);
  if (domain !== undefined) parts.push(`domain=${domain.value}`);
  parts.push(`path=${path?.value ?? '/'}`);
  if (secure?.value === true) parts.push('secure');
  if (sameSite !== undefined && sameSite !== 'none') {
    parts.push(`samesite=${sameSite === 'explicitNone' ? 'none' : sameSite}`);
  }
  if (httpOnly?.value === true) parts.push('httponly');
  return parts.join('; ');
}
