import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** A request, read to its end. */
export type Exchange = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly socket: Socket;
};

/** What goes back. `ending` is how it goes wrong: no byte at all, nothing more after half the body, or a dropped connection there. */
export type Answer = {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly ending?: 'silence' | 'stall' | 'reset';
};

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;

/** An HTTPS server on 127.0.0.1 that answers 503 until `serve` gives it something to do. */
export type Listener = { readonly url: string; serve(handler: Handler): void; stop(): Promise<void> };

/** Waits without keeping the process alive. */
export async function pause(ms: number): Promise<void> {
  await wait(ms, undefined, { ref: false });
}

/** An answer in JSON; Azure's services say the charset. */
export function jsonAnswer(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** Listens on `port`, or on any free one. A busy port is an Error that says so in one line. */
export async function listen(tls: { key: string; cert: string }, port = 0): Promise<Listener> {
  let serve: Handler = notYet;
  const server = createServer(tls, (request, response) => {
    answer(request, response, (exchange) => serve(exchange)).catch(() => response.destroy());
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? portInUse(port) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;

  return {
    url: `https://localhost:${bound}`,
    serve(handler) {
      serve = handler;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The one line a person sees when a port of the block is taken. */
export function portInUse(port: number): Error {
  return new Error(`port ${port} is in use: choose another block with --cloud-port`);
}

async function answer(request: IncomingMessage, response: ServerResponse, handler: Handler): Promise<void> {
  const { method = 'GET', headers, socket } = request;
  const url = new URL(request.url ?? '/', `https://${headers.host ?? 'localhost'}`);
  const exchange = { method, url, headers, socket, body: await buffer(request) };
  try {
    send(response, await handler(exchange));
  } catch (error) {
    send(response, { status: 500, body: `the local cloud failed: ${String(error)}\n` });
  }
}

function send(response: ServerResponse, { status, headers = {}, body = '', ending }: Answer): void {
  if (ending === 'silence') return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const length = status === 204 || status === 304 ? {} : { 'content-length': bytes.length };
  response.writeHead(status, { ...length, ...headers });
  if (ending === undefined) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    if (ending === 'reset') response.destroy();
  });
}

function notYet(): Answer {
  return { status: 503 };
}
