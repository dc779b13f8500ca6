/** An answer ready to be sent: the body is complete and its length known. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
};

/** A JSON answer; `headers` come on top of type and length. */
export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return bodyAnswer(status, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)), headers);
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
