import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { WrapService } from '../../local/cloud/cloud.ts';
import type { Answer, Exchange } from '../../local/cloud/http.ts';

export type Service = Parameters<WrapService>[0];

/** A request of some process to a service of the local cloud; times are the cloud's. */
export type Call = { readonly service: Service; readonly exchange: Exchange; readonly startedAt: number };
type AnsweredCall = Call & { readonly answer: Answer; readonly endedAt: number };

export type CallObserver = {
  readonly started?: (call: Call) => void;
  readonly answered?: (call: AnsweredCall) => void;
};

/** Kills somebody at one of the next calls: before the service sees it, or when it has taken effect and the answer is on its way. */
export type Cut = {
  readonly call: number;
  readonly when: 'before' | 'after';
  readonly kill: (call: Call) => Promise<unknown>;
};

const upstream: readonly Service[] = ['partner-center', 'entra', 'key-vault'];
/** How long it may take until the connections of a killed process are seen to close. */
const closingMs = 200;
const noAnswer: Answer = { status: 503, ending: 'silence' };

/** Stands between the app and every service of the cloud: shows each call to the observers, holds calls, and kills at a chosen one. */
export function createCallWatch(now: () => number, observers: readonly CallObserver[]) {
  let held: PromiseWithResolvers<void> | undefined;
  let cut: Cut | undefined;
  let countdown = 0;
  const counts = new Map<Service, number>();

  /** Whether the cut, if any, is at this call. */
  function isCutHere(): boolean {
    countdown -= 1;
    return cut !== undefined && countdown === 0;
  }

  async function kill({ kill: end }: Cut, call: Call): Promise<void> {
    cut = undefined;
    await end(call);
  }

  const wrap: WrapService = (service, handle) => async (exchange) => {
    const call: Call = { service, exchange, startedAt: now() };
    counts.set(service, (counts.get(service) ?? 0) + 1);
    const here = isCutHere() ? cut : undefined;
    if (here?.when === 'before') {
      await kill(here, call);
      if (await isClosed(exchange.socket)) return noAnswer;
    }
    for (const observer of observers) observer.started?.(call);
    if (upstream.includes(service)) await held?.promise;
    const answer = await handle(exchange);
    for (const observer of observers) observer.answered?.({ ...call, answer, endedAt: now() });
    if (here?.when === 'after') await kill(here, call);
    return answer;
  };

  return {
    wrap,
    /** From now on calls to Partner Center, Entra and Key Vault get no answer until `release`. */
    hold(): void {
      held = Promise.withResolvers<void>();
    },
    release(): void {
      held?.resolve();
      held = undefined;
    },
    cutAt(wanted: Cut): void {
      cut = wanted;
      countdown = wanted.call;
    },
    /** Forgets the cut; whether it was still waiting for its call. */
    endCut(): boolean {
      const isWaiting = cut !== undefined;
      cut = undefined;
      return isWaiting;
    },
    /** How many calls were made so far, by service. */
    counts: (): ReadonlyMap<Service, number> => counts,
    countUpstream: () => upstream.reduce((sum, service) => sum + (counts.get(service) ?? 0), 0),
    countAll: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
  };
}

/** Whether the process at the other end is gone: the call may be one of a process that lives. */
async function isClosed(socket: Socket): Promise<boolean> {
  if (!socket.destroyed) await once(socket, 'close', { signal: AbortSignal.timeout(closingMs) }).catch(() => undefined);
  return socket.destroyed;
}
