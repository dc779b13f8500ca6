import { describe, expect, it } from 'vitest';
import { createRefresh } from '../../shared/refresh/refresh.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

/** Ten rows are served, and a list of four was refused an hour later. */
async function createRefusedRig() {
  const rig = createRefreshRig();
  for (const count of [10, 4]) {
    rig.serve(() => Promise.resolve(createDownload(createRows(count))));
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(60);
  }
  const blob = rig.memory.pointer()?.refusal?.blob ?? '';
  const accepting = (acceptedBlob: string) => createRefresh({ ...rig.deps, acceptedBlob });
  return { ...rig, blob, accepting };
}

describe('a refused list that the operator names', () => {
  it('is published at once, with the time of its fetch', async () => {
    const { blob, accepting, memory, log } = await createRefusedRig();
    expect((await accepting(blob)('timer', log.call)).kind).toBe('published');
    expect(memory.pointer()).toMatchObject({
      snapshot: { recordCount: 4, fetchedAt: Date.parse('2026-11-20T13:00:00Z') },
      refusal: null,
    });
    expect(log.events).toContainEqual(expect.objectContaining({ event: 'quarantine.accepted', recordCount: 4 }));
  });

  it('is not published again by a process that starts after a newer list', async () => {
    const { blob, accepting, memory, log, ...rig } = await createRefusedRig();
    await accepting(blob)('timer', log.call);
    expect((await accepting(blob)('timer', log.call)).kind).not.toBe('failed');
    rig.serve(() => Promise.resolve(createDownload(createRows(5))));
    rig.advanceMinutes(60);
    await rig.refresh('timer', log.call);
    await accepting(blob)('timer', log.call);
    expect(log.events).toContainEqual({ event: 'quarantine.not-accepted', blob, reason: 'too-old' });
    expect(memory.pointer()?.snapshot?.recordCount).toBe(5);
  });

  it('is published although the pointer is lost', async () => {
    const { blob, memory } = await createRefusedRig();
    const { blobs } = memory;
    const other = createRefreshRig({ now: '2026-11-20T14:00:00Z' });
    for (const [name, lines] of blobs) other.memory.blobs.set(name, lines);
    const refresh = createRefresh({ ...other.deps, acceptedBlob: blob });
    expect((await refresh('timer', other.log.call)).kind).toBe('published');
    expect(other.memory.pointer()?.snapshot?.recordCount).toBe(4);
    expect(other.downloads()).toBe(0);
  });

  it.each([
    ['current.json', 'not-a-list'],
    ['quarantine/2026-11/2026-11-20T020000Z-UpstreamInvalid.gz', 'not-a-list'],
    ['quarantine/2039-11/2039-11-20T020000Z-too-few-records.gz', 'missing'],
  ])('is reported once when it cannot be accepted: %s', async (name, reason) => {
    const { accepting, memory, log } = await createRefusedRig();
    const refresh = accepting(name);
    await refresh('timer', log.call);
    await refresh('timer', log.call);
    const reported = log.events.filter(({ event }) => event === 'quarantine.not-accepted');
    expect(reported).toEqual([{ event: 'quarantine.not-accepted', blob: name, reason }]);
    expect(memory.pointer()?.snapshot?.blob).not.toBe(name);
  });
});
