import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HttpResponseDatum } from './core-module.ts';

export type HttpAnswer = {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array;
};

const nothing = new Uint8Array();

/** An answer without a body, like those of the host itself. */
export function emptyAnswer(status: number): HttpAnswer {
  return { status, headers: status === 204 ? {} : { 'content-length': '0' }, body: nothing };
}

/** The HTTP answer for a function's result. Throws where Microsoft's host answers 500, and for cookies, which this host does not offer. */
export function readAnswer(datum: HttpResponseDatum | undefined, method: string | undefined): HttpAnswer {
  if (datum === undefined) return emptyAnswer(204);
  if (datum.cookies?.length) throw new Error('cookies are not offered by this host');
  const status = Number(datum.statusCode);
  const headers: OutgoingHttpHeaders = { ...datum.headers };
  for (const [name, value] of Object.entries(datum.headers ?? {})) {
    if (/[^\t\x20-\x7e]/.test(value)) throw new Error(`the value of the header "${name}" is not ASCII`);
  }
  const body = datum.body?.bytes ?? nothing;
  if (method === 'HEAD' || status === 204 || status === 304) return { status, headers, body: nothing };
  if (body.length === 0) headers['content-length'] ??= '0';
  if (Number(headers['content-length'] ?? body.length) !== body.length) {
    throw new Error('the body does not have its content-length');
  }
  return { status, headers, body };
}

/** Writes an answer with the headers every answer of the host has; the body is chunked unless the app set its length. */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  customHeaders: Readonly<Record<string, string>>,
): void {
  response.sendDate = false;
  // Kestrel sends no header for a connection it keeps.
  if (headers['connection'] === undefined) response.removeHeader('connection');
  // node:http takes its date from a clock other than the app's.
  response.writeHead(status, { date: new Date().toUTCString(), server: 'Kestrel', ...headers, ...customHeaders });
  response.end(body);
}
