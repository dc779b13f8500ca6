import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The clock of a local cloud's control endpoint, and nothing else of it. */
export async function startClockControl(firstOffsetMs: number, port = 0) {
  let offsetMs = firstOffsetMs;
  const waiting = new Set<ServerResponse>();
  const followers = new Map<number, PromiseWithResolvers<void>>();
  const server = createServer((request, response) => {
    const known = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('known'));
    followerOf(known).resolve();
    if (known === offsetMs) waiting.add(response);
    else tell(response);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');

  function tell(response: ServerResponse): void {
    response.end(JSON.stringify({ offsetMs }));
  }
  function followerOf(known: number): PromiseWithResolvers<void> {
    const found = followers.get(known) ?? Promise.withResolvers<void>();
    followers.set(known, found);
    return found;
  }

  const { port: bound } = portOf(server.address());
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/_control`,
    /** Resolves when a host has asked again knowing the new offset, so that it has taken it over. */
    move: async (toMs: number) => {
      offsetMs = toMs;
      for (const response of waiting) tell(response);
      waiting.clear();
      await followerOf(toMs).promise;
    },
    followed: (toMs: number) => followerOf(toMs).promise,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function portOf(address: AddressInfo | string | null): AddressInfo {
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return address;
}
