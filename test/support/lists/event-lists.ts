import { createEventRig, abbreviateEvent } from '../rigs/event-rig.ts';
import type { TestRow } from './usage-rows.ts';

export const row = (id: string, percentUsed: number, more: Partial<TestRow> = {}): TestRow => ({
  id,
  percentUsed,
  budget: 1000,
  totalCost: percentUsed * 10,
  // On the 3rd: too early to project.
  lastModifiedDate: '2026-11-03T05:00:00Z',
  ...more,
});
/** A row without a budget. */
export const free = (id: string, totalCost: number): TestRow => ({ ...row(id, 0), budget: undefined, totalCost });
export const legacy = (percentUsed: number, lastModifiedDate = '2026-11-03T05:00:00Z') =>
  row('old', percentUsed, { isUpgraded: false, lastModifiedDate });
/** An Azure plan row, which moves a list into its month. */
export const other = (lastModifiedDate: string) => row('c0', 1, { lastModifiedDate });
export const customers = (percents: readonly number[]) => percents.map((percent, at) => row(`c${at}`, percent));

/** A service, and what each list that it publishes brings: events in short, with the percentage before. */
export function started(now = '2026-11-03T06:00:00Z') {
  let rig = createEventRig({ now });
  const stored = () => rig.storedEvents().filter((line) => line !== '');
  return {
    rig: () => rig,
    bring: async (rows: readonly TestRow[], minutes = 60) => {
      const before = stored();
      await rig.publish(rows, minutes);
      const events = stored().filter((line) => !before.includes(line));
      return events.map((line) => {
        const event = JSON.parse(line);
        return `${abbreviateEvent(event)} from ${event.previousPercentUsed}`;
      });
    },
    restart: () => {
      rig = createEventRig({ memory: rig.memory, now: new Date(rig.now()).toISOString() });
    },
    knownRowsBlob: () => rig.memory.pointer()?.snapshot?.knownRows?.blob ?? null,
  };
}
