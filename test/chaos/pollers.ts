import { createEventPoller } from '../support/rigs/event-poller.ts';
import type { TriggerAnswer } from '../support/rigs/event-poller.ts';
import { polledEvents } from '../support/rigs/event-rig.ts';
import type { Reply } from '../e2e/stage/stage.ts';
import { formatEventKey } from './expected-events.ts';
import type { EventKey, ExpectedEvents } from './expected-events.ts';
import type { Random } from './random.ts';

const thresholds = [50, 80, 90, 100, 120];
const path = '/api/budget-events';

/** Sends a request to some process; `undefined` when that was killed before it answered. */
type Ask = (path: string) => Promise<Reply | undefined>;

/** One flow for each threshold. Each follows `Location`, loses some answers and repeats some requests. */
export function createPollers(random: Random) {
  let ask: Ask | undefined;
  let polls = 0;
  const problems: string[] = [];

  async function askTrigger(address: string): Promise<TriggerAnswer> {
    const { pathname, search } = new URL(address, 'http://localhost');
    polls += 1;
    const reply = await ask?.(pathname + search);
    if (reply === undefined) return { status: 0, location: undefined, events: [] };
    const { status, headers, body } = reply;
    if (![200, 202, 503].includes(status)) problems.push(`${address}: status ${status}`);
    if (status === 503 && !(Number(headers['retry-after']) > 0)) problems.push(`${address}: 503 without Retry-After`);
    return { status, location: headers.location, events: status === 200 ? polledEvents(body) : [] };
  }

  const pollers = thresholds.map((threshold) =>
    createEventPoller({ firstAddress: `${path}?threshold=${threshold}`, ask: askTrigger, roll: random.roll }),
  );
  const all = () => pollers.flatMap(({ received }) => received);

  return {
    polls: () => polls,
    /** How many events were delivered, of all customers. */
    delivered: () => all().length,
    takeProblems: () => problems.splice(0),
    /** Lets each flow poll once. */
    async poll(through: Ask): Promise<void> {
      ask = through;
      for (const poller of pollers) await poller.poll();
    },
    isStarted: () => pollers.every((poller) => poller.isStarted()),
    /** Compares the events that were delivered with the expected ones. Call it when everything has been polled. */
    findDifferences(expected: ExpectedEvents, customers: readonly string[]): string[] {
      const watched = new Set(customers.map((id) => id.toLowerCase()));
      const keys = all()
        .filter(({ customerId }) => watched.has(customerId.toLowerCase()))
        .map(({ period, customerId, threshold }): EventKey => formatEventKey(String(period), customerId, threshold));
      const delivered = new Set(keys);
      const ids = all().map(({ id }) => id);
      const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
      const missing = [...expected.required()].filter((key) => !delivered.has(key));
      const invented = [...delivered].filter((key) => !expected.required().has(key) && !expected.possible().has(key));
      return [
        ...twice.map((id) => `the event ${id} was delivered twice`),
        ...missing.map((key) => `the event ${key} was never delivered`),
        ...invented.map((key) => `the event ${key} was delivered, but never happened`),
      ];
    },
  };
}
