import { beforeEach, describe, expect, it } from 'vitest';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload } from '../support/lists/usage-rows.ts';

let rig: ReturnType<typeof createRefreshRig>;

beforeEach(() => {
  rig = createRefreshRig({ now: '2026-10-31T20:00:00Z' });
});

/** Refreshes with a list of one row: what it costs, and the day on which that was estimated. */
async function accept(totalCost: number, day: string, atUtc: string) {
  rig.advanceMinutes((Date.parse(atUtc) - rig.now()) / 60_000);
  const row = { totalCost, lastModifiedDate: `${day}T05:00:00.0000000+00:00` };
  rig.serve(() => Promise.resolve(createDownload([row])));
  const { kind } = await rig.refresh('timer', rig.log.call);
  expect(['published', 'unchanged']).toContain(kind);
}

/** The kept lists of a folder as `[name without the hash, cost]`. */
function kept(folder: string) {
  return [...rig.memory.blobs]
    .filter(([name]) => name.startsWith(folder))
    .map(([name, lines]) => [
      name.replace(/-[\da-f]{16}\.ndjson\.gz$/, ''),
      /"totalCost":(\d+)/.exec(lines.toString())?.[1],
    ]);
}

describe('the daily copies', () => {
  it('are one a day while the list is equal, and one more for every new list', async () => {
    await accept(1, '2026-10-31', '2026-10-31T20:00:00Z');
    await accept(1, '2026-10-31', '2026-10-31T21:00:00Z');
    await accept(2, '2026-10-31', '2026-10-31T22:00:00Z');
    await accept(2, '2026-10-31', '2026-11-01T01:00:00Z');
    await accept(2, '2026-10-31', '2026-11-01T02:00:00Z');
    expect(kept('daily/')).toStrictEqual([
      ['daily/2026-10/2026-10-31T200000Z', '1'],
      ['daily/2026-10/2026-10-31T220000Z', '2'],
      ['daily/2026-11/2026-11-01T010000Z', '2'],
    ]);
  });
});

describe('a UTC day without a list', () => {
  it('is reported with the first list after it, and a day with one is not', async () => {
    await accept(1, '2026-10-28', '2026-10-28T23:50:00Z');
    await accept(1, '2026-10-28', '2026-10-29T23:50:00Z');
    expect(rig.log.names()).not.toContain('history.day-not-kept');
    await accept(1, '2026-11-01', '2026-11-01T00:10:00Z');
    expect(rig.log.events).toContainEqual(
      expect.objectContaining({ event: 'history.day-not-kept', date: '2026-10-30', days: 2 }),
    );
  });
});

describe('the closing list of a month', () => {
  it('is the last one accepted before the first list of the next month', async () => {
    await accept(1, '2026-10-31', '2026-10-31T20:00:00Z');
    await accept(2, '2026-10-31', '2026-11-01T05:00:00Z');
    expect(kept('monthly/')).toStrictEqual([]);
    await accept(3, '2026-11-01', '2026-11-01T07:00:00Z');
    await accept(4, '2026-11-02', '2026-11-02T07:00:00Z');
    expect(kept('monthly/')).toStrictEqual([['monthly/2026-10/2026-11-01T050000Z', '2']]);
    expect(rig.log.events).toContainEqual(
      expect.objectContaining({ event: 'history.period-closed', period: '2026-10', recordCount: 1 }),
    );
  });

  it('gets a version beside it when the old month comes again corrected, and the new month stays open', async () => {
    await accept(2, '2026-10-31', '2026-10-31T20:00:00Z');
    await accept(3, '2026-11-01', '2026-11-01T07:00:00Z');
    await accept(1, '2026-10-31', '2026-11-02T07:00:00Z');
    await accept(4, '2026-11-02', '2026-11-03T07:00:00Z');
    expect(kept('monthly/')).toStrictEqual([
      ['monthly/2026-10/2026-10-31T200000Z', '2'],
      ['monthly/2026-10/2026-11-02T070000Z', '1'],
    ]);
  });

  it('is not written early, nor the month renamed, for a record whose date lies in the future', async () => {
    await accept(1, '2026-10-30', '2026-10-30T20:00:00Z');
    rig.advanceMinutes(60);
    const rows = ['2026-10-30', '2027-05-01'].map((day) => ({
      totalCost: 1,
      lastModifiedDate: `${day}T05:00:00+00:00`,
    }));
    rig.serve(() => Promise.resolve(createDownload(rows)));
    await rig.refresh('timer', rig.log.call);
    expect(kept('monthly/')).toStrictEqual([]);
    expect(rig.memory.pointer()?.snapshot?.period).toBe('2026-10');
  });

  it('is written before readers see the next month, and once when the pointer could not be written', async () => {
    await accept(2, '2026-10-31', '2026-10-31T20:00:00Z');
    rig.advanceMinutes(24 * 60);
    const row = { totalCost: 3, lastModifiedDate: '2026-11-01T05:00:00.0000000+00:00' };
    rig.serve(() => Promise.resolve(createDownload([row])));
    rig.memory.beforeEach((operation) => {
      if (operation === 'writePointer') throw new Error('the process dies');
    });
    await rig.refresh('timer', rig.log.call);
    expect(rig.memory.pointer()?.snapshot?.period).toBe('2026-10');
    expect(kept('monthly/')).toHaveLength(1);
    rig.memory.beforeEach();
    rig.advanceMinutes(1);
    await rig.refresh('timer', rig.log.call);
    expect(rig.memory.pointer()?.snapshot?.period).toBe('2026-11');
    expect(kept('monthly/')).toStrictEqual([['monthly/2026-10/2026-10-31T200000Z', '2']]);
  });

  it('is not kept, and that is told, when the last list is lost; the next month goes on', async () => {
    await accept(2, '2026-10-31', '2026-10-31T20:00:00Z');
    const restarted = createRefreshRig({ now: '2026-11-01T07:00:00Z', memory: rig.memory });
    rig.memory.blobs.delete(rig.memory.pointer()?.snapshot?.blob ?? '');
    rig = restarted;
    await accept(3, '2026-11-01', '2026-11-01T07:00:00Z');
    expect(kept('monthly/')).toStrictEqual([]);
    expect(rig.log.events).toContainEqual(
      expect.objectContaining({ event: 'history.period-not-closed', period: '2026-10', reason: 'missing' }),
    );
  });
});
