import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandError } from '../../setup/command-line.ts';

/** A request with its whole body. */
export type Exchange = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly socket: Socket;
};

/** The response. `ending` breaks it: nothing is sent at all, or the connection hangs or drops after half the body. */
export type Answer = {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly ending?: 'silence' | 'stall' | 'reset';
};

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;

/** A server on 127.0.0.1 that answers 503 until `serve` gives it a handler. */
export type Listener = { readonly url: string; serve(handler: Handler): void; stop(): Promise<void> };

/** Waits without keeping the process alive. */
export async function pause(ms: number): Promise<void> {
  await wait(ms, undefined, { ref: false });
}

/** An answer in JSON; like Azure's services, it names the charset. */
export function jsonAnswer(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  const contentType = 'application/json; charset=utf-8';
  return { status, headers: { 'content-type': contentType, ...headers }, body: JSON.stringify(body) };
}

/** Listens on `port`, or with 0 on any free one; over HTTPS when there is a key. Throws CommandError when the port is taken. */
export async function listen(port: number, tls?: { key: string; cert: string }): Promise<Listener> {
  let serve: Handler | undefined;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, (exchange) => serve?.(exchange) ?? { status: 503 }).catch(() => response.destroy());
  };
  const server = tls === undefined ? http.createServer(onRequest) : https.createServer(tls, onRequest);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(port, '127.0.0.1'), 'listening').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new CommandError({ what: `port ${port} is in use: choose another block with --cloud-port` });
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;

  return {
    url: tls === undefined ? `http://127.0.0.1:${bound}` : `https://localhost:${bound}`,
    serve(handler) {
      serve = handler;
    },
    async stop() {
      const closed = once(server.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
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
