import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SetupError } from '../trouble.ts';

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'",
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

/** Whether somebody waited for this answer. */
type Take = (query: URLSearchParams) => boolean;

export type Loopback = {
  /** Where Entra sends the browser back to. */
  readonly redirectUri: string;
  /** The parameters of the answer that has this `state`; others are told that they are late. Rejects when the signal aborts. */
  answerTo(state: string, signal: AbortSignal): Promise<URLSearchParams>;
  close(): Promise<void>;
};

/** Listens on 127.0.0.1 for the browser that comes back from the sign-in. Throws SetupError when the port is taken. */
export async function openLoopback(port: number): Promise<Loopback> {
  let take: Take = nobodyWaits;
  const server = createServer((request, response) => answer(request, response, (query) => take(query)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(busy(port, error)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;

  return {
    redirectUri: `http://localhost:${bound}/callback`,
    async answerTo(state, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
      signal.addEventListener('abort', () => reject(nobodyCame()), { once: true });
      take = (query) => {
        // Anybody on this machine can call this address; only the answer to this run's request counts.
        const isOurs = query.get('state') === state;
        if (isOurs) resolve(query);
        return isOurs;
      };
      return await promise;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, take: Take): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (request.method !== 'GET' || url.pathname !== '/callback') {
    response.writeHead(404, headers).end();
    return;
  }
  const isTaken = take(url.searchParams);
  const text = isTaken
    ? 'The answer has arrived. Go back to the terminal: it says how it went.'
    : 'This answer belongs to another run. Use the address that the terminal shows now.';
  response.writeHead(isTaken ? 200 : 400, headers).end(`<!doctype html><title>Consent</title><p>${text}`);
}

function nobodyWaits(): boolean {
  return false;
}

function busy(port: number, cause: unknown): SetupError {
  const what = `port ${port} of this machine cannot be used`;
  return new SetupError(
    { what, cure: 'choose another with --port: Entra ignores the port of a localhost address' },
    { cause },
  );
}

function nobodyCame(): SetupError {
  return new SetupError({
    what: 'nobody came back from the sign-in page',
    cure: 'if the page shows an error, AADSTS50011 for one, mend that (docs/deploying.md, First consent); then npm run consent',
  });
}
