import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filterEvents, list, listOutcomes, getSnapshot } from '../faults/fault-walk.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

let stage: Stage;
let app: App;

/** An hour later, with this fault. */
async function refreshUnder(kind: string, hours = 1) {
  await stage.advanceHours(hours);
  await stage.fault('partner-center', kind);
  app.takeEvents();
  await app.tick();
  const reply = await app.get(list);
  return { events: app.takeEvents(), snapshot: getSnapshot(reply) };
}

const outcome = async (kind: string, hours?: number) => listOutcomes((await refreshUnder(kind, hours)).events);

beforeEach(async () => {
  stage = await startStage({ customers: 250 });
  await stage.advanceToDay(10, 6.5);
  app = await stage.startApp();
  await app.tick();
});
afterEach(() => stage.end());

describe('bad lists in a row', () => {
  it('are compared with the last list accepted without doubt', async () => {
    await refreshUnder('empty-list');
    expect(await outcome('empty-list', 24.1)).toEqual(['refresh.published']);
    expect(await outcome('half-gone')).toEqual(['refresh.quarantined']);
    await stage.clearFaults();
    expect((await refreshUnder('count-mismatch')).snapshot).toMatchObject({ recordCount: 250, state: 'fresh' });
  });
});

describe('the operator', () => {
  it('accepts a refused list by its name, and the gate compares with it from then on', async () => {
    const { events } = await refreshUnder('half-gone');
    const blob = String(filterEvents(events, 'refresh.quarantined')[0]?.['blob']);
    const told = await stage.startApp({ USAGE_ACCEPT_QUARANTINED: blob });
    await told.tick();
    expect(listOutcomes(told.events)).toEqual(['refresh.published']);
    expect(filterEvents(told.events, 'quarantine.accepted')).toMatchObject([{ recordCount: 100 }]);
    const { state, reason, recordCount } = getSnapshot(await told.get(list));
    expect({ state, reason, recordCount }).toEqual({ state: 'fresh', reason: undefined, recordCount: 100 });
    expect(await outcome('half-gone')).toEqual(['refresh.unchanged']);
    // Once: the setting that is still there does nothing when a process starts anew.
    await stage.clearFaults();
    await stage.advanceHours(1);
    const again = await stage.startApp({ USAGE_ACCEPT_QUARANTINED: blob });
    await again.tick();
    expect(filterEvents(again.events, 'quarantine.not-accepted')).toMatchObject([{ blob, reason: 'too-old' }]);
    expect(getSnapshot(await again.get(list))).toMatchObject({ recordCount: 250 });
  });
});
