import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../../shared/errors.ts';
import { row } from '../../support/lists/event-lists.ts';
import { abbreviateEvent, abbreviateEvents, createEventRig, getLocation } from '../../support/rigs/event-rig.ts';

const one = '00000000-0000-4000-8000-00000000000a';
const two = '00000000-0000-4000-8000-00000000000b';

/** A service with one list, in which nobody has spent much. */
async function started() {
  const rig = createEventRig({ now: '2026-11-03T06:00:00Z' });
  await rig.publish([row(one, 1), row(two, 1)]);
  return rig;
}

describe('budget events when storage fails', () => {
  it('lose nothing to a poller when the log is lost, and the loss is logged', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    rig.memory.blobs.delete(rig.memory.pointer()?.snapshot?.eventsBlob ?? '');
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    const waiting = await restarted.poll(getLocation(first));
    expect(waiting).toMatchObject({ status: 202, headers: { location: getLocation(first) } });
    const late = await restarted.poll();
    expect(late.status).toBe(202);

    await restarted.publish([row(one, 85), row(two, 55)]);
    expect(restarted.log.events).toMatchObject([
      { event: 'events.log-lost', code: 'StorageUnavailable', reason: 'missing' },
      { event: 'events.found', count: 2, budgetThreshold: 2, firstSpendWithoutBudget: 0, projectedOverBudget: 0 },
      { event: 'refresh.published' },
    ]);
    for (const poller of [first, waiting, late]) {
      expect(abbreviateEvents(await restarted.poll(getLocation(poller)))).toEqual([`${one} 80*`, `${two} 50*`]);
    }
    expect(JSON.stringify(restarted.log.events)).not.toMatch(/Customer|550|850/);
  });

  it.each([
    ['something else', () => '{"foreign":true}\n'],
    ['other events', (lines: string) => lines.replace('"threshold":50', '"threshold":80')],
  ])('start a new log when the old one holds %s', async (_what, damage) => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    const blob = rig.memory.pointer()?.snapshot?.eventsBlob ?? '';
    const lines = rig.memory.blobs.get(blob)?.toString() ?? '';
    expect(damage(lines)).not.toBe(lines);
    rig.memory.blobs.set(blob, Buffer.from(damage(lines)));
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    await restarted.publish([row(one, 85)]);
    expect(restarted.log.names()).toEqual(['events.log-lost', 'events.found', 'refresh.published']);
    expect(abbreviateEvents(await restarted.poll(getLocation(first)))).toEqual([`${one} 80*`]);
  });

  it('tell a first poll nothing old though the log can be read only later', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const blob = rig.memory.pointer()?.snapshot?.eventsBlob ?? '';
    const lines = rig.memory.blobs.get(blob) ?? Buffer.alloc(0);
    rig.memory.blobs.delete(blob);
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    const first = await restarted.poll();
    rig.memory.blobs.set(blob, lines);
    expect((await restarted.poll(getLocation(first))).status).toBe(202);
    await restarted.publish([row(one, 85)]);
    expect(abbreviateEvents(await restarted.poll(getLocation(first)))).toEqual([`${one} 80*`]);
  });

  it('come to a poller that began before the clock was set back', async () => {
    const rig = await started();
    const first = await rig.poll();
    await rig.publish([row(one, 85)], -600);
    expect((await rig.poll()).status).toBe(202);
    expect(abbreviateEvents(await rig.poll(getLocation(first)))).toEqual([`${one} 80*`]);
  });

  it('need no comparison when a lost list comes again as it was', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    rig.memory.blobs.delete(rig.memory.pointer()?.snapshot?.blob ?? '');
    await restarted.publish([row(one, 55)]);
    expect(restarted.log.names()).toEqual(['refresh.published']);
    expect(restarted.storedEvents()).toEqual(rig.storedEvents());
    expect(restarted.storedEvents()).toHaveLength(1);
  });

  it('go on after the cache was wiped', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    const fresh = createEventRig({ now: '2026-11-03T09:00:00Z' });
    await fresh.publish([row(one, 70)]);
    expect((await fresh.poll(getLocation(first))).status).toBe(202);
    await fresh.publish([row(one, 85)]);
    expect(abbreviateEvents(await fresh.poll(getLocation(first)))).toEqual([`${one} 80*`]);
  });

  it('are not looked for when the last good list is lost: the next one is published all the same', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const log = rig.storedEvents();
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    rig.memory.blobs.delete(rig.memory.pointer()?.snapshot?.blob ?? '');
    await restarted.publish([row(one, 85)]);
    expect(restarted.log.names()).toEqual(['events.not-compared', 'refresh.published']);
    expect(restarted.storedEvents()).toEqual(log);
    await restarted.publish([row(one, 95)]);
    expect(restarted.storedEvents().map((line) => abbreviateEvent(JSON.parse(line)))).toEqual([
      `${one} 50*`,
      `${one} 90*`,
    ]);
  });

  it.each([
    ['list', 'snapshots/'],
    ['log', 'events/'],
  ])('wait for the next refresh while the last good %s is out of reach', async (_what, folder) => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    const lastGood = rig.memory.pointer()?.snapshot;
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    rig.memory.beforeEach((operation) => {
      if (operation.startsWith(`readLines ${folder}`))
        throw new DependencyError('StorageUnavailable', 'storage is down');
    });
    await restarted.publish([row(one, 85)]);
    expect(restarted.memory.pointer()?.snapshot).toEqual(lastGood);
    expect((await createEventRig({ memory: rig.memory, now: '2026-11-03T09:05:00Z' }).poll()).status).toBe(503);
    rig.memory.beforeEach();
    await restarted.publish([row(one, 85)]);
    expect(abbreviateEvents(await restarted.poll(getLocation(first)))).toEqual([`${one} 80*`]);
  });

  it('come exactly once at whatever step the process dies', async () => {
    const reference = await started();
    await reference.poll();
    const before = reference.memory.operations.length;
    await reference.publish([row(one, 85)]);
    const steps = reference.memory.operations.length - before;
    expect(reference.memory.operations.slice(-4)).toEqual([
      expect.stringMatching(/^writeLines events\/2026-11\/2026-11-03T080000Z-[0-9a-f]{16}\.ndjson\.gz$/),
      expect.stringMatching(/^writeLines snapshots\//),
      expect.stringMatching(/^writeLines daily\//),
      'writePointer',
    ]);
    for (let dead = 1; dead <= steps; dead += 1) {
      const rig = await started();
      const first = await rig.poll();
      let step = 0;
      rig.memory.beforeEach(() => {
        step += 1;
        if (step >= dead) throw new DependencyError('StorageUnavailable', 'connection reset');
      });
      await rig.publish([row(one, 85)]);
      rig.memory.beforeEach();
      await rig.publish([row(one, 85)]);
      const news = await rig.poll(getLocation(first));
      expect(abbreviateEvents(news)).toEqual([`${one} 80*`]);
      expect((await rig.poll(getLocation(news))).status).toBe(202);
    }
  });
});
