import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { afterAll, beforeEach } from 'vitest';
import { z } from 'zod';
import { getServiceUrl } from '../support/services/azurite.ts';

type Forward = (incoming: IncomingMessage, deliver: (answer: IncomingMessage) => void) => void;

/** Plays one answer instead of Azurite; `forward` gets the real one. */
export type Fault = (incoming: IncomingMessage, outgoing: ServerResponse, forward: Forward) => void;

export type FaultProxy = {
  readonly url: string;
  /** Method and path of every request so far. */
  readonly requests: string[];
  /** Lets the next `times` requests of this method fail. */
  fail(method: string, fault: Fault, times?: number): void;
};

/** A plain HTTP proxy before the blob service that can spoil answers; it forgets everything before each test of the file. */
export async function startFaultProxy(): Promise<FaultProxy> {
  const service = new URL(await getServiceUrl());
  const requests: string[] = [];
  const faults: { readonly method: string; readonly fault: Fault }[] = [];

  const forward: Forward = (incoming, deliver) => {
    const { method, headers, url: path } = incoming;
    const onward = request({ host: '127.0.0.1', port: service.port, method, headers, path }, deliver);
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  };

  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const next = faults.findIndex(({ method }) => method === incoming.method);
    const [planned] = next === -1 ? [] : faults.splice(next, 1);
    const play = planned?.fault ?? passOn;
    play(incoming, outgoing, forward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());

  beforeEach(() => {
    faults.length = 0;
    requests.length = 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return {
    url: `http://127.0.0.1:${port}${service.pathname}`,
    requests,
    fail(method, fault, times = 1) {
      for (let time = 0; time < times; time += 1) faults.push({ method, fault });
    },
  };
}

const passOn: Fault = (incoming, outgoing, forward) => {
  forward(incoming, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
};

/** Azurite does what it was asked, but the connection breaks before its answer arrives. */
export const lostAnswer: Fault = (incoming, _outgoing, forward) => {
  forward(incoming, (answer) => {
    answer.resume();
    incoming.socket.destroy();
  });
};

/** An error answer of the service, with its code where the service puts it. */
export function status(code: number, errorCode: string, body = ''): Fault {
  return (incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(code, { 'x-ms-error-code': errorCode, 'x-ms-request-id': 'req-1' }).end(body);
  };
}

/** Takes the request and never answers. */
export const silence: Fault = (incoming) => {
  incoming.resume();
};

/** Breaks the connection before any answer. */
export const reset: Fault = (incoming) => {
  incoming.socket.destroy();
};

/** Breaks the connection inside the body. */
export const cutBody: Fault = (incoming, outgoing) => {
  incoming.resume();
  outgoing.writeHead(206, { etag: '"0x1"', 'content-length': '1000', 'content-type': 'application/gzip' });
  outgoing.write('only the beginning', () => incoming.socket.destroy());
};

/** Sends the beginning of a body and then nothing. */
export const stallBody: Fault = (incoming, outgoing) => {
  incoming.resume();
  outgoing.writeHead(206, { etag: '"0x1"', 'content-length': '1000', 'content-type': 'application/gzip' });
  outgoing.write('only the beginning');
};
