import { z } from 'zod';
import { invoke } from '../functions/invocation.ts';
import type { createMemoryStore } from '../services/memory-store.ts';
import { createRefreshRig } from './refresh-rig.ts';
import { createUsageFunctions } from '../functions/usage-functions.ts';
import { createDownload } from '../lists/usage-rows.ts';
import type { TestRow } from '../lists/usage-rows.ts';

const eventSchema = z.looseObject({
  id: z.string(),
  sequence: z.number(),
  kind: z.string(),
  threshold: z.number().nullable(),
  isHighest: z.boolean(),
  customerId: z.string(),
});

export type PolledEvent = z.infer<typeof eventSchema>;

export type Polled = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What an array in the body holds. */
  readonly events: readonly PolledEvent[];
};

/** One process of the service over a store in memory: the refresh, and the trigger as a poller sees it. */
export function createEventRig(
  options: {
    readonly now?: string;
    readonly memory?: ReturnType<typeof createMemoryStore>;
    readonly publicBaseUrl?: string;
  } = {},
) {
  const rig = createRefreshRig(options);
  const { publicBaseUrl } = options;
  const { events: handler } = createUsageFunctions({ rig, ...(publicBaseUrl && { publicBaseUrl }) });

  return {
    ...rig,
    /** Publishes these rows as the next list, an hour after the last one unless said. */
    async publish(rows: readonly TestRow[], minutes = 60): Promise<void> {
      rig.advanceMinutes(minutes);
      rig.serve(() => Promise.resolve(createDownload(rows)));
      await rig.refresh('timer', rig.log.call);
    },
    /** Follows an address, absolute or of this service, as a flow would. */
    async poll(address = '', method: 'GET' | 'HEAD' = 'GET'): Promise<Polled> {
      const { pathname, search } = new URL(address, 'http://localhost:7071/api/budget-events');
      const { status, headers, body } = await invoke(handler, pathname + search, { method });
      return { status, headers, body, events: polledEvents(body) };
    },
    /** The events in storage, as lines. */
    storedEvents(): string[] {
      const blob = rig.memory.pointer()?.snapshot?.eventsBlob ?? '';
      return rig.memory.blobs.get(blob)?.toString().trimEnd().split('\n') ?? [];
    },
  };
}

/** The events in an answer's body, which a 202 has not. */
export function polledEvents(body: string): PolledEvent[] {
  return body.startsWith('[') ? z.array(eventSchema).parse(JSON.parse(body)) : [];
}

/** `kind threshold customer`, a trailing `*` for the highest: an event in short. */
export function abbreviateEvent({ kind, threshold, isHighest, customerId }: PolledEvent): string {
  const about = kind === 'budgetThreshold' ? `${threshold}${isHighest ? '*' : ''}` : kind;
  return `${customerId} ${about}`;
}

/** The events of an answer in short. */
export const abbreviateEvents = ({ events }: Polled): string[] => events.map(abbreviateEvent);

/** Where a poller goes on after an answer. */
export const getLocation = ({ headers }: Polled): string => headers['location'] ?? '';
