import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CommandError } from '../command-line.ts';

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'",
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

/** Returns whether the query answers this run's sign-in. */
type Accept = (query: URLSearchParams) => boolean;

/** Listens on 127.0.0.1 for the redirect of the sign-in. Throws CommandError when the port is taken. */
export async function openLoopback(port: number) {
  let accept: Accept | undefined;
  const server = createServer((request, response) => answer(request, response, (query) => accept?.(query) ?? false));
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    const what = `port ${port} of this machine cannot be used`;
    const cure = 'choose another with --port: Entra ignores the port of a localhost address';
    throw new CommandError({ what, cure }, { cause: error });
  }
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;

  return {
    /** Where Entra sends the browser after the sign-in. */
    redirectUri: `http://localhost:${bound}/callback`,
    /** The parameters of the redirect that carries this `state`; any other gets 400. Rejects when the signal aborts. */
    async waitForRedirect(state: string, signal: AbortSignal): Promise<URLSearchParams> {
      const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
      signal.addEventListener('abort', () => reject(createTimeoutError()), { once: true });
      accept = (query) => {
        // Any program on this machine can call this address; `state` proves that this run asked.
        const isOurs = query.get('state') === state;
        if (isOurs) resolve(query);
        return isOurs;
      };
      return await promise;
    },
    async close(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, accept: Accept): void {
  // Any program on this machine may send what is no URL.
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  if (request.method !== 'GET' || url?.pathname !== '/callback') {
    response.writeHead(404, headers).end();
    return;
  }
  const isAccepted = accept(url.searchParams);
  const text = isAccepted
    ? 'The answer has arrived. Go back to the terminal to see the result.'
    : 'This answer belongs to another run. Use the address that the terminal shows now.';
  response.writeHead(isAccepted ? 200 : 400, headers).end(`<!doctype html><title>Consent</title><p>${text}`);
}

function createTimeoutError(): CommandError {
  return new CommandError({
    what: 'nobody came back from the sign-in page',
    cure: 'if the page shows an error, such as AADSTS50011, resolve it (docs/deploying.md, First consent); then npm run consent',
  });
}
