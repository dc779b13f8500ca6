import { parseSnapshot } from '../../../shared/snapshot/snapshot.ts';
import { createEventPoller } from '../../support/rigs/event-poller.ts';
import { polledEvents } from '../../support/rigs/event-rig.ts';
import { invoke, runTimer } from '../../support/functions/invocation.ts';
import { createMemoryStore } from '../../support/services/memory-store.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload } from '../../support/lists/usage-rows.ts';

/** A record's members as JSON text; `totalCost` with every digit. */
export type Spending = {
  readonly id: string;
  readonly totalCost: string;
  readonly budget?: string;
  readonly isUpgraded?: boolean;
  readonly currencyCode?: string;
  readonly usdTotalCost?: string;
  readonly percentUsed?: string;
};

/** The composed app over a store in memory, whose timer refreshes when a test says, and a flow that polls its events. */
export function createSpendingDays() {
  const memory = createMemoryStore();
  let rig = createRefreshRig({ memory, now: '2026-11-03T07:00:00Z' });
  let functions = createUsageFunctions({ rig });
  const poller = createEventPoller({
    firstAddress: 'http://localhost:7071/api/budget-events?kind=spendJump',
    roll: () => 1,
    ask: async (address) => {
      const { pathname, search } = new URL(address);
      const { status, headers, body } = await invoke(functions.events, pathname + search);
      return { status, location: headers['location'], events: polledEvents(body) };
    },
  });

  return {
    memory,
    functions: () => functions,
    /** Starts another process over the same storage. */
    restart(): void {
      rig = createRefreshRig({ memory, now: new Date(rig.now()).toISOString() });
      functions = createUsageFunctions({ rig });
    },
    /** Refreshes at an instant like `2026-11-20T07:00`, and gives the names of what was logged. */
    async refresh(instant: string, rows: readonly Spending[]): Promise<string[]> {
      rig.advanceMinutes((Date.parse(`${instant}Z`) - rig.now()) / 60_000);
      const lines = rows.map((row) => `${formatRecord(row, instant.slice(0, 10))}\n`).join('');
      const download = { ...createDownload([]), snapshot: parseSnapshot(Buffer.from(lines)) };
      rig.serve(() => Promise.resolve(download));
      return (await runTimer(functions.timer)).map(({ event }) => event);
    },
    /** The log of events as stored. */
    storedEvents: () => memory.blobs.get(memory.pointer()?.snapshot?.eventsBlob ?? '')?.toString() ?? '',
    /** `day customer factor` of each jump that the flow has got so far. */
    async poll(): Promise<string[]> {
      await poller.poll();
      return poller.received.map(({ customerId, crossedAt, ...event }) =>
        [String(crossedAt).slice(0, 10), customerId, event['dailyCostFactor']].join(' '),
      );
    },
  };
}

function formatRecord(row: Spending, day: string): string {
  const { id, totalCost, budget, isUpgraded = true, currencyCode = 'EUR', usdTotalCost = '0', percentUsed = '0' } = row;
  return (
    `{"budget":${budget === undefined ? '{}' : `{"amount":${budget}}`},"percentUsed":${percentUsed},"isUpgraded":${isUpgraded},` +
    `"resourceId":"${id}","resourceName":"Contoso","totalCost":${totalCost},"currencyCode":"${currencyCode}",` +
    `"usdTotalCost":${usdTotalCost},"lastModifiedDate":"${day}T05:00:00Z"}`
  );
}
