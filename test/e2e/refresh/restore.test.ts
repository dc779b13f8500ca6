import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectLastGood, list, listOutcomes, getRowsText, startCold, startWalk } from '../faults/fault-walk.ts';
import type { Walk } from '../faults/fault-walk.ts';
import { openContainer } from '../stage/usage-container.ts';

describe('a deleted cache', () => {
  let walk: Walk;

  beforeAll(async () => {
    walk = await startWalk();
  });
  afterAll(() => walk.stage.end());

  const container = () => openContainer(walk.stage);

  async function deleteBlobs(prefix: string): Promise<number> {
    const blobs: string[] = [];
    for await (const { name } of container().listBlobsFlat({ prefix })) blobs.push(name);
    await Promise.all(blobs.map(async (name) => container().deleteBlob(name)));
    return blobs.length;
  }

  it('current.json: readers go on, and the next tick writes it anew', async () => {
    const { stage, app } = walk;
    expect(await deleteBlobs('current.json')).toBe(1);
    await stage.advanceHours(0.1);
    expectLastGood(walk, await app.get(list), undefined);
    await app.tick();
    expect(listOutcomes(app.takeEvents())).toEqual(['refresh.published']);
    const cold = await startCold(walk);
    expectLastGood(walk, await cold.get(list), undefined);
    await cold.stop();
  });

  it('the lists: readers go on from memory, and the first new reader has one fetched', async () => {
    const { stage, app } = walk;
    expect(await deleteBlobs('snapshots/')).toBeGreaterThan(0);
    await stage.advanceHours(0.1);
    expectLastGood(walk, await app.get(list), undefined);
    const cold = await startCold(walk);
    expectLastGood(walk, await cold.get(list), undefined);
    expect(listOutcomes(cold.events)).toEqual(['refresh.published']);
    await cold.stop();
  });

  it('everything: a new instance has all of it again with its first answer', async () => {
    const { stage, app, rows } = walk;
    expect(await deleteBlobs('')).toBeGreaterThan(3);
    await stage.advanceHours(0.1);
    const cold = await startCold(walk);
    expect(getRowsText(await cold.get(list))).toBe(rows);
    expect(getRowsText(await app.get(list))).toBe(rows);
    await cold.stop();
  });

  it('the container: StorageUnavailable for new instances, and well again once it is back', async () => {
    const { stage, app } = walk;
    await container().delete();
    await stage.advanceHours(0.1);
    const cold = await startCold(walk);
    expect(await cold.get(list)).toMatchObject({ status: 503, json: { code: 'StorageUnavailable' } });
    expect(getRowsText(await app.get(list))).toBe(walk.rows);
    await container().create();
    await stage.advanceHours(1);
    await app.tick();
    expect(getRowsText(await cold.get(list))).toBe(walk.rows);
    await cold.stop();
  });
});
