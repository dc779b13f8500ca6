import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../../shared/snapshot/snapshot.ts';
import { customers, legacy, other, row, started } from '../support/lists/event-lists.ts';
import { createDownload } from '../support/lists/usage-rows.ts';

describe('a row that vanishes and returns', () => {
  it('crosses nothing by it, however many lists and restarts lie between', async () => {
    const { bring, restart } = started();
    await bring(customers([85, 130, 95, 60]));
    expect(await bring(customers([85, 130]))).toEqual([]);
    restart();
    expect(await bring(customers([86, 130]))).toEqual([]);
    expect(await bring(customers([86, 130, 95, 60]))).toEqual([]);
  });

  it('crosses what it passed meanwhile, from what was last known of it', async () => {
    const { bring } = started();
    await bring(customers([10, 10, 30, 84.5]));
    await bring(customers([10, 10]));
    expect(await bring(customers([10, 10, 55, 91]))).toEqual(['c2 50* from 30', 'c3 90* from 84.5']);
  });

  it('is told that it was never seen when it is new in the month', async () => {
    const { bring } = started();
    await bring(customers([10]));
    expect(await bring(customers([10, 85]))).toEqual(['c1 50 from null', 'c1 80* from null']);
  });

  it('is known though a list that lost most rows was confirmed', async () => {
    const { bring, rig } = started();
    const all = customers([85, 130, 95, 60, 20, 30]);
    await bring(all);
    for (let time = 0; time < 3; time += 1) expect(await bring(all.slice(0, 2))).toEqual([]);
    expect(rig().memory.pointer()?.snapshot?.recordCount).toBe(2);
    expect(await bring(all)).toEqual([]);
  });

  it('does not rise again when a list of zeros was confirmed', async () => {
    const { bring, rig } = started();
    const all = [...customers([85, 130, 95]), legacy(88)];
    const zeros = all.map((one) => ({ ...one, percentUsed: 0, totalCost: 0 }));
    await bring(all);
    for (let time = 0; time < 3; time += 1) await bring(zeros);
    expect(rig().memory.pointer()?.snapshot?.hasCost).toBe(false);
    expect(await bring(all)).toEqual([]);
  });

  it('is known by its last figures while a record of it is odd', async () => {
    const { bring, rig } = started();
    const bringOdd = async (change: object) => {
      const [line = '', ...others] = createDownload([row('c0', 45)])
        .snapshot.lines.toString()
        .split('\n');
      const lines = [JSON.stringify({ ...JSON.parse(line), ...change }), ...others].join('\n');
      rig().serve(() => Promise.resolve({ ...createDownload([]), snapshot: parseSnapshot(Buffer.from(lines)) }));
      rig().advanceMinutes(60);
      await rig().refresh('timer', rig().log.call);
      expect(rig().memory.pointer()?.snapshot?.oddRecordCount).toBe(1);
      expect(rig().storedEvents()).toEqual([]);
    };
    await bring([row('c0', 45)]);
    await bringOdd({ percentUsed: null });
    await bringOdd({ percentUsed: 'much', totalCost: 'much' });
    await bringOdd({ budget: { amount: 'none' } });
    await bringOdd({ isUpgraded: null });
    await bringOdd({ lastModifiedDate: 'today' });
    expect(await bring([row('c0', 55)])).toEqual(['c0 50* from 45']);
  });

  it('does not spend for the first time because its cost was unreadable for a while', async () => {
    const { bring, rig } = started();
    const spending = [row('c0', 0, { budget: undefined, totalCost: 5 }), row('c1', 1)];
    await bring(spending);
    const lines = createDownload(spending).snapshot.lines.toString().replace('"totalCost":5', '"totalCost":"much"');
    rig().serve(() => Promise.resolve({ ...createDownload([]), snapshot: parseSnapshot(Buffer.from(lines)) }));
    rig().advanceMinutes(60);
    await rig().refresh('timer', rig().log.call);
    expect(rig().memory.pointer()?.snapshot?.oddRecordCount).toBe(1);
    expect(await bring(spending)).toEqual([]);
  });

  it('is told that its percentage was not known when its first record was odd', async () => {
    const { bring, rig } = started();
    await bring(customers([1]));
    const lines = createDownload([row('c0', 1), row('c1', 45)]).snapshot.lines.toString();
    const snapshot = parseSnapshot(Buffer.from(lines.replace('"percentUsed":45', '"percentUsed":"45"')));
    rig().serve(() => Promise.resolve({ ...createDownload([]), snapshot }));
    rig().advanceMinutes(60);
    await rig().refresh('timer', rig().log.call);
    expect(await bring(customers([1, 55]))).toEqual(['c1 50* from null']);
  });

  it.each([
    ['known', 61, ['old 80* from 75']],
    ['forgotten', 62, ['old 50 from null', 'old 80* from null']],
  ])('is %s after %d days', async (_, days, events) => {
    const { bring } = started('2026-11-03T06:00:00Z');
    await bring([legacy(75), other('2026-11-03T05:00:00Z')]);
    const later = '2027-01-04T05:00:00Z';
    await bring([other('2026-11-03T05:00:00Z')]);
    await bring([other(later)], days * 24 * 60);
    expect(await bring([legacy(85, later), other(later)])).toEqual(events);
  });

  it('starts the next month unknown', async () => {
    const { bring } = started('2026-11-30T06:00:00Z');
    const december = { lastModifiedDate: '2026-12-01T05:00:00Z' };
    await bring(customers([85, 60]));
    await bring(customers([85]));
    expect(await bring([row('c0', 3, december)], 24 * 60)).toEqual([]);
    expect(await bring([row('c0', 3, december), row('c1', 55, december)])).toEqual(['c1 50* from null']);
  });

  it('is known after a list that fell back to the old month', async () => {
    const { bring } = started('2026-12-01T06:00:00Z');
    const december = { lastModifiedDate: '2026-12-01T05:00:00Z' };
    await bring([row('c0', 85, december), row('c1', 60, december)]);
    expect(await bring(customers([95, 95]))).toEqual([]);
    expect(await bring([row('c0', 86, december), row('c1', 81, december)])).toEqual(['c1 80* from 60']);
  });

  it('costs no blob while nothing is missing, and none when only the time of the fetch moves', async () => {
    const { bring, knownRowsBlob, rig } = started();
    await bring(customers([10, 20]));
    await bring(customers([11, 20]));
    expect(knownRowsBlob()).toBeNull();
    await bring(customers([11]));
    const blob = knownRowsBlob();
    expect(blob).toMatch(/^events\/2026-11\/2026-11-03T090000Z-known-rows-[0-9a-f]{16}\.ndjson\.gz$/);
    const written = rig().memory.blobs.size;
    await bring(customers([11]));
    expect([knownRowsBlob(), rig().memory.blobs.size]).toEqual([blob, written]);
    await bring(customers([12]));
    expect(knownRowsBlob()).toBe(blob);
  });

  const foreign = Buffer.from('{"foreign":true}\n');
  const foreignHash = createHash('sha256').update(foreign).digest('hex').slice(0, 16);

  it.each([
    ['missing', 'gone', undefined, (blob: string) => blob],
    ['corrupt', 'not what its name says', foreign, (blob: string) => blob],
    ['corrupt', 'of another kind', foreign, (blob: string) => blob.replace(/[0-9a-f]{16}/, foreignHash)],
  ])('raises no event when what was known of it is %s: %s', async (reason, _, lines, rename) => {
    const { bring, knownRowsBlob, rig, restart } = started();
    await bring(customers([85, 60]));
    await bring(customers([85]));
    const { memory } = rig();
    const blob = rename(knownRowsBlob() ?? '');
    const pointer = structuredClone(memory.pointer());
    if (!pointer?.snapshot?.knownRows) throw new Error('nothing was published');
    pointer.snapshot.knownRows.blob = blob;
    memory.setPointer(pointer);
    if (lines === undefined) memory.blobs.delete(blob);
    else memory.blobs.set(blob, lines);
    restart();
    expect(await bring(customers([91]))).toEqual(['c0 90* from 85']);
    expect(rig().log.events).toContainEqual(expect.objectContaining({ event: 'events.not-compared', blob, reason }));
    expect(await bring(customers([91, 60]))).toEqual([]);
    expect(await bring(customers([91, 80]))).toEqual(['c1 80* from 60']);
  });

  it('raises no event after an older release that kept nothing, until the month ends', async () => {
    const { bring, rig } = started('2026-11-30T06:00:00Z');
    await bring(customers([85]));
    const pointer = structuredClone(rig().memory.pointer());
    if (!pointer?.snapshot) throw new Error('nothing was published');
    const { knownRows: _, ...older } = pointer.snapshot;
    rig().memory.setPointer({ ...pointer, snapshot: older });
    expect(await bring(customers([85, 60]))).toEqual([]);
    expect(await bring(customers([85, 81]))).toEqual(['c1 80* from 60']);
    const december = { lastModifiedDate: '2026-12-01T05:00:00Z' };
    expect(await bring([row('c1', 52, december)], 24 * 60)).toEqual(['c1 50* from null']);
  });

  it('does not make other rows look old by a date in the future', async () => {
    const { bring } = started();
    await bring(customers([40, 40]));
    expect(await bring([row('c0', 55), row('c1', 41, { lastModifiedDate: '2027-03-01T00:00:00Z' })])).toEqual([
      'c0 50* from 40',
    ]);
    expect(await bring(customers([55, 81]))).toEqual(['c1 50 from 41', 'c1 80* from 41']);
  });
});
