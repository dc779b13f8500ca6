import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { text } from 'node:stream/consumers';

/** A request as the server received it, its body read to the end. */
export type ReceivedRequest = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** What the server does with one request; status 200 unless told. */
export type ScriptedAnswer = {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sent as JSON instead of `body`. */
  readonly json?: unknown;
  /**
   * `silent`: no answer at all; `reset`: the connection breaks before one; `stall` and `cut`: after half of the body the
   * answer stands still, or the connection breaks.
   */
  readonly fault?: 'silent' | 'reset' | 'stall' | 'cut';
};

/** An answer, or what makes one of the request. */
export type Script = ScriptedAnswer | ((request: ReceivedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>);

export type ScriptedServer = {
  readonly url: string;
  /** Everything asked so far, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Appends answers; each is given once, and 501 when none is left. */
  script(...answers: readonly Script[]): void;
  /** Forgets the requests so far and the answers not yet given. */
  reset(): void;
  /** Closes the server and every connection. */
  close(): Promise<void>;
};

/** A real HTTP server on a free port (HTTPS when given a certificate) that plays another service from a list of answers. */
export async function startScriptedServer(
  answers: readonly Script[] = [],
  tls?: { readonly key: string; readonly cert: string },
): Promise<ScriptedServer> {
  const queue = [...answers];
  const requests: ReceivedRequest[] = [];

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, body: await text(incoming) };
    requests.push(request);
    const next = queue.shift() ?? { status: 501, body: 'no answer left in the script' };
    play(typeof next === 'function' ? await next(request) : next, response);
  }

  function listener(incoming: IncomingMessage, response: ServerResponse): void {
    serve(incoming, response).catch(() => response.destroy());
  }

  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    requests,
    script: (...more) => {
      queue.push(...more);
    },
    reset: () => {
      queue.length = 0;
      requests.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function play(answer: ScriptedAnswer, response: ServerResponse): void {
  const { status = 200, statusText, headers = {}, fault } = answer;
  if (fault === 'silent') return;
  if (fault === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const body = Buffer.from(answer.json === undefined ? (answer.body ?? '') : JSON.stringify(answer.json));
  const type = answer.json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  const head = { ...type, 'content-length': String(body.length), ...headers };
  if (statusText === undefined) response.writeHead(status, head);
  else response.writeHead(status, statusText, head);
  if (fault === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, body.length / 2), () => {
    if (fault === 'cut') response.socket?.destroy();
  });
}
