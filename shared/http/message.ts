import type { OperationContext } from '../context.ts';
import { contentTypes } from './negotiation.ts';

/** Reads one header by its lower-case name; `null` when it is absent. */
export type HeaderReader = { get(name: string): string | null };

/** A request as the functions see it: URL as received, route values, headers, and the context of its work. */
export type ApiRequest = {
  /** The invocation's id: `instance` of a problem, `x-ms-request-id` of every answer. */
  readonly requestId: string;
  readonly method: string;
  /** The URL as received. */
  readonly address: string;
  /** The same, parsed. */
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: HeaderReader;
  readonly context: OperationContext;
  /**
   * The absolute address of another request to the same route: below `publicBaseUrl` when that is set, else below the request's own
   * host. Of the request's query nothing is taken over, least of all a key in `code`.
   */
  linkToRoute(query: string): string;
  /** The absolute address of the route that stands at `path` beside the request's own, whose last part it replaces. */
  linkToSibling(path: string): string;
};

/** An answer ready to be sent: the body is complete and its length known. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
};

/** A JSON answer about this moment, which nobody may store; `headers` come on top. */
export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = Buffer.from(JSON.stringify(value));
  return bodyAnswer(status, contentTypes.json, body, { 'cache-control': 'no-store', ...headers });
}

/** An answer with these very bytes. */
export function bodyAnswer(
  status: number,
  contentType: string,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Answer {
  return { status, body, headers: { 'content-type': contentType, 'content-length': String(body.length), ...headers } };
}

/** The same answer without its body, for HEAD. */
export function withoutBody({ status, headers }: Answer): Answer {
  return { status, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-length')) };
}
