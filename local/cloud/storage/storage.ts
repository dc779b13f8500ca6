import { Agent, request } from 'undici';
import { azuriteAccount } from './azurite.ts';
import type { Answer, Exchange } from '../http.ts';
import { createLeaseClock } from './lease-clock.ts';
import type { CloudState } from '../control/state.ts';
import { storageFaults } from './faults.ts';

const hopHeaders = ['connection', 'expect', 'keep-alive', 'transfer-encoding'];

/** Blob storage: forwards every request to Azurite, counts it, and plays faults. */
export function createStorage({ clock, requestLog, faults }: CloudState, azuriteUrl: string, ca: string) {
  // Azurite drops a connection that was idle for 5 s: ours are closed long before, so no request is sent on a dying one.
  const dispatcher = new Agent({ connect: { ca }, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 1000 });

  async function forward({ method, url, headers, body }: Omit<Exchange, 'socket'>): Promise<Answer> {
    const target = new URL(`${url.pathname}${url.search}`, azuriteUrl);
    const forwarded = withoutHopHeaders(headers);
    const answer = await request(target, { method, headers: forwarded, body, dispatcher });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: withoutHopHeaders(answer.headers), body: bytes };
  }

  const forwardInTime = createLeaseClock(clock, forward);
  const play = faults.addService('storage', storageFaults);

  return {
    handle: (exchange: Exchange): Answer | Promise<Answer> => {
      requestLog.count(classify(exchange), 'storage', exchange);
      return play({ exchange, proceed: () => forwardInTime(exchange), forward });
    },
    /** Forwards what a Functions host keeps for itself: neither counted nor disturbed. */
    handleJobs: forward,
    /** Creates a container with a token of the account's own identity. */
    async createContainer(name: string, token: string): Promise<void> {
      const url = new URL(`${azuriteUrl}/${azuriteAccount}/${name}?restype=container`);
      const headers = { authorization: `Bearer ${token}`, 'x-ms-version': '2025-11-05' };
      const { status } = await forward({ method: 'PUT', url, headers, body: Buffer.alloc(0) });
      if (status !== 201) throw new Error(`Azurite refused to create the container: ${status}`);
    },
  };
}

function classify({ method, url }: Exchange): 'storageLease' | 'storageRead' | 'storageWrite' {
  if (url.searchParams.get('comp') === 'lease') return 'storageLease';
  return method === 'GET' || method === 'HEAD' ? 'storageRead' : 'storageWrite';
}

function withoutHopHeaders<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.includes(name)));
}
