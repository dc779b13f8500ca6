import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { azuriteAccount } from './azurite.ts';
import type { Answer, Exchange, Handler } from './http.ts';
import { storageFaults } from './storage-faults.ts';
import type { World } from './world.ts';

const hopHeaders = ['connection', 'keep-alive', 'transfer-encoding'];

type Storage = {
  readonly handle: Handler;
  /** Creates a container with the token of the account's own identity. */
  createContainer(name: string, token: string): Promise<void>;
};

/** Blob storage: hands every call on to Azurite, counts it, and plays faults. */
export function createStorage({ ledger, faults }: World, azuriteUrl: string, ca: string): Storage {
  // A connection a call: Azurite drops idle ones, and a kept one could die under the next call.
  const agent = new Agent({ keepAlive: false, ca });

  async function forward({ method, url, headers, body }: Omit<Exchange, 'socket'>): Promise<Answer> {
    const target = new URL(`${url.pathname}${url.search}`, azuriteUrl);
    const call = request(target, { method, agent, headers: withoutHops(headers) });
    call.end(body);
    const [response]: unknown[] = await once(call, 'response');
    if (!(response instanceof IncomingMessage)) throw new Error('Azurite did not answer');
    return {
      status: response.statusCode ?? 500,
      headers: withoutHops(response.headers),
      body: await buffer(response),
    };
  }

  return {
    handle(exchange) {
      ledger.count(kindOf(exchange), 'storage', exchange);
      return faults.play('storage', storageFaults, { exchange, proceed: () => forward(exchange), forward });
    },
    async createContainer(name, token) {
      const url = new URL(`${azuriteUrl}/${azuriteAccount}/${name}?restype=container`);
      const headers = { authorization: `Bearer ${token}`, 'x-ms-version': '2025-11-05' };
      const { status } = await forward({ method: 'PUT', url, headers, body: Buffer.alloc(0) });
      if (status !== 201) throw new Error(`Azurite refused to create the container: ${status}`);
    },
  };
}

function kindOf({ method, url }: Exchange): 'storageLease' | 'storageRead' | 'storageWrite' {
  if (url.searchParams.get('comp') === 'lease') return 'storageLease';
  return method === 'GET' || method === 'HEAD' ? 'storageRead' : 'storageWrite';
}

function withoutHops<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.includes(name)));
}
