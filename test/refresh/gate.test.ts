import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { parseSnapshot } from '../../shared/snapshot/snapshot.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';
import type { TestRow } from '../support/lists/usage-rows.ts';

async function rigWithTenRows(now: string) {
  const rig = createRefreshRig({ now });
  rig.serve(() => Promise.resolve(createDownload(createRows(10))));
  await rig.refresh('timer', rig.log.call);
  rig.advanceMinutes(60);
  return rig;
}

const serving = (rows: readonly TestRow[]) => () => Promise.resolve(createDownload(rows));
const costless = createRows(10).map((row) => ({ ...row, totalCost: 0 }));

function customers(from: number, to: number, factor = 1): TestRow[] {
  return Array.from({ length: to - from }, (_, at) => ({
    id: `customer-${from + at}`,
    totalCost: (from + at + 1) * factor,
  }));
}

describe('the gate', () => {
  it('keeps the last good list when fewer than half the records come', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    const lastGood = rig.memory.pointer()?.snapshot;
    rig.serve(serving(createRows(4)));
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'UpstreamImplausible' });
    expect(rig.memory.pointer()?.snapshot).toEqual(lastGood);
    expect(rig.memory.pointer()?.refusal).toMatchObject({ rule: 'too-few-records' });
    expect([...rig.memory.blobs.keys()].at(-1)).toBe('quarantine/2026-11/2026-11-20T130000Z-too-few-records.gz');
    expect(rig.log.events.at(-1)).toMatchObject({
      event: 'refresh.quarantined',
      code: 'UpstreamImplausible',
      rule: 'too-few-records',
      recordCount: 4,
      lastRecordCount: 10,
    });
  });

  it('accepts exactly half', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    rig.serve(serving(createRows(5)));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
  });

  it('accepts the shorter list when it comes back 45 minutes later', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    rig.serve(serving(createRows(4)));
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(44);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'UpstreamImplausible' });
    rig.advanceMinutes(2);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
    expect(rig.memory.pointer()).toMatchObject({
      snapshot: { recordCount: 4, gate: 'confirmed' },
      failure: null,
      refusal: null,
    });
  });

  it('accepts an empty list only after a day of nothing else', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    rig.serve(serving([]));
    for (const [minutes, kind] of [
      [23.9 * 60, 'failed'],
      [10, 'failed'],
      [60, 'published'],
      [60, 'unchanged'],
    ] as const) {
      expect((await rig.refresh('timer', rig.log.call)).kind).toBe(kind);
      rig.advanceMinutes(minutes);
    }
  });

  it('starts waiting anew when the next short list lacks a row of the first', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    rig.serve(serving(createRows(4)));
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(60);
    rig.serve(serving(createRows(3)));
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed' });
    rig.advanceMinutes(60);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
    expect(rig.memory.pointer()?.snapshot?.recordCount).toBe(3);
  });

  it('starts waiting anew when the first refused list is gone', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    rig.serve(serving(createRows(4)));
    await rig.refresh('timer', rig.log.call);
    rig.memory.blobs.delete(rig.memory.pointer()?.refusal?.blob ?? '');
    rig.advanceMinutes(60);
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'UpstreamImplausible' });
  });

  it.each<[string, readonly TestRow[], string]>([
    ['five of a hundred rows gone', customers(5, 100), 'published'],
    ['six gone', customers(6, 100), 'failed'],
    ['five more', customers(0, 105), 'published'],
    ['six more', customers(0, 106), 'failed'],
    ['three gone and three new', customers(3, 103), 'failed'],
    ['costs twice what they were', customers(0, 100, 2), 'published'],
    ['costs more than twice', customers(0, 100, 2.01), 'failed'],
    ['costs less than half', customers(0, 100, 0.49), 'failed'],
    ['six costs gone', [...customers(0, 6, 0), ...customers(6, 100)], 'failed'],
    ['other customers', customers(100, 200), 'failed'],
  ])('takes a later list for a confirmation or not: %s', async (_change, later, kind) => {
    const rig = createRefreshRig({ now: '2026-11-20T12:00:00Z' });
    for (const rows of [customers(0, 250), customers(0, 100), later]) {
      rig.serve(serving(rows));
      rig.advanceMinutes(60);
      await rig.refresh('timer', rig.log.call);
    }
    expect(rig.memory.pointer()?.failure?.code).toBe(kind === 'failed' ? 'UpstreamImplausible' : undefined);
  });

  it('compares with the list itself where an older release left no other figures', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    const pointer = rig.memory.pointer();
    if (pointer?.snapshot === null || pointer === undefined) throw new Error('nothing was published');
    rig.memory.setPointer({ ...pointer, snapshot: { ...pointer.snapshot, gate: 'confirmed' } });
    rig.serve(serving(createRows(4)));
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'UpstreamImplausible' });
    rig.advanceMinutes(60);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
    expect(rig.memory.pointer()?.snapshot).toMatchObject({ gate: 'confirmed', trusted: { recordCount: 10 } });
    // The same rows go on, and fewer of them are refused again.
    rig.advanceMinutes(60);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('unchanged');
    rig.advanceMinutes(60);
    rig.serve(serving(createRows(3)));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('failed');
    rig.serve(serving(createRows(5)));
    rig.advanceMinutes(60);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
    expect(rig.memory.pointer()?.snapshot).toMatchObject({ gate: 'accepted', recordCount: 5 });
    expect(rig.memory.pointer()?.snapshot).not.toHaveProperty('trusted');
  });

  it.each([
    ['2026-11-02T11:00:00Z', 'published'],
    ['2026-11-02T12:00:00Z', 'failed'],
    ['2026-11-01T23:00:00Z', 'published'],
    ['2026-11-20T00:00:00Z', 'failed'],
  ])('judges a list of zeros at %s: %s', async (now, kind) => {
    const rig = await rigWithTenRows(new Date(Date.parse(now) - 3_600_000).toISOString());
    rig.serve(serving(costless));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe(kind);
  });

  it('names the rule when every cost is zero', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    rig.serve(serving(costless));
    await rig.refresh('timer', rig.log.call);
    expect(rig.memory.pointer()?.refusal).toMatchObject({
      rule: 'all-costs-zero',
      blob: 'quarantine/2026-11/2026-11-20T130000Z-all-costs-zero.gz',
    });
  });

  it.each([
    [2, 100, 'published'],
    [3, 100, 'failed'],
    [1, 4, 'published'],
    [2, 4, 'failed'],
  ])('with %i odd records of %i: %s', async (odd, count, kind) => {
    const rig = createRefreshRig();
    const whole = createDownload(createRows(count));
    const lines = whole.snapshot.lines.toString().trimEnd().split('\n');
    const changed = lines.map((line, at) => (at < odd ? line.replace('"EUR"', '7') : line));
    const snapshot = parseSnapshot(Buffer.from(`${changed.join('\n')}\n`));
    rig.serve(() => Promise.resolve({ ...whole, snapshot }));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe(kind);
    const [logged] = rig.log.events;
    expect(logged).toMatchObject({ oddRecordCount: odd, recordCount: count, member: 'currencyCode' });
    if (kind === 'published') return;
    expect(logged).toMatchObject({ event: 'refresh.quarantined', code: 'UpstreamInvalid', reason: 'odd-records' });
    expect(rig.memory.blobs.get(String(logged?.['blob']))).toEqual(snapshot.lines);
    expect(rig.memory.pointer()?.snapshot).toBeNull();
  });

  it('accepts zeros after zeros', async () => {
    const rig = createRefreshRig();
    rig.serve(serving(costless));
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(60);
    rig.serve(serving(costless.slice(1)));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
  });

  it('accepts an empty first list, as of the month it was fetched in', async () => {
    const rig = createRefreshRig();
    rig.serve(serving([]));
    await rig.refresh('timer', rig.log.call);
    expect(rig.memory.pointer()?.snapshot).toMatchObject({ recordCount: 0, period: '2026-11' });
  });

  it('takes the period from the newest row, not from the fetch', async () => {
    const rig = createRefreshRig({ now: '2026-12-01T02:00:00Z' });
    rig.serve(serving([{ lastModifiedDate: '2026-08-01T23:00:16.57+00:00' }, {}]));
    await rig.refresh('timer', rig.log.call);
    expect(rig.memory.pointer()?.snapshot?.period).toBe('2026-11');
  });

  it('keeps the bytes of a body that is not the wire schema', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    const evidence = Buffer.from('<html>Bad gateway</html>');
    rig.serve(() => Promise.reject(new DependencyError('UpstreamInvalid', 'not JSON', { evidence })));
    await rig.refresh('timer', rig.log.call);
    expect(rig.memory.blobs.get('quarantine/2026-11/2026-11-20T130000Z-UpstreamInvalid.gz')).toEqual(evidence);
    expect(rig.log.names().at(-1)).toBe('refresh.quarantined');
    expect(JSON.stringify(rig.log.events)).not.toContain('Bad gateway');
  });

  it('backs off all the same when the bytes cannot be kept', async () => {
    const rig = await rigWithTenRows('2026-11-20T12:00:00Z');
    rig.memory.beforeEach((operation) => {
      if (operation.startsWith('writeLines')) throw new DependencyError('StorageUnavailable', 'read only');
    });
    rig.serve(() => Promise.reject(new DependencyError('UpstreamInvalid', 'not JSON', { evidence: Buffer.from('x') })));
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'UpstreamInvalid' });
    expect(rig.log.names().at(-1)).toBe('refresh.failed');
  });
});
