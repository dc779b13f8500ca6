import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const reset = () => new DependencyError('StorageUnavailable', 'connection reset');

describe('a refresh that is interrupted', () => {
  it('publishes nothing when the lease is lost before the swap', async () => {
    const rig = createRefreshRig();
    const lease = new AbortController();
    rig.setLeaseSignal(lease.signal);
    rig.serve(() => {
      lease.abort();
      return Promise.reject(new DependencyError('UpstreamUnavailable', 'aborted'));
    });
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed' });
    expect(rig.memory.pointer()).toBeUndefined();
  });

  it('publishes nothing when somebody else wrote the pointer meanwhile', async () => {
    const rig = createRefreshRig();
    const other = createRefreshRig({ memory: rig.memory });
    rig.serve(async () => {
      await other.refresh('timer', other.log.call);
      return createDownload(createRows(9));
    });
    expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed', code: 'StorageUnavailable' });
    expect(rig.memory.pointer()?.snapshot?.recordCount).toBe(4);
    expect(rig.log.events).toEqual([
      {
        event: 'refresh.failed',
        trigger: 'timer',
        code: 'StorageUnavailable',
        cure: 'storage-access',
        correlationId: rig.log.call.correlationId,
        reason: 'conflict',
      },
    ]);
  });

  it('loses nothing at whatever step the process dies, and the next refresh completes', async () => {
    const reference = createRefreshRig();
    await reference.refresh('timer', reference.log.call);
    reference.serve(() => Promise.resolve(createDownload(createRows(5))));
    reference.advanceMinutes(24 * 60);
    const before = reference.memory.operations.length;
    await reference.refresh('timer', reference.log.call);
    const steps = reference.memory.operations.length - before;
    expect(steps).toBeGreaterThanOrEqual(5);

    for (let dead = 1; dead <= steps; dead += 1) {
      const rig = createRefreshRig();
      await rig.refresh('timer', rig.log.call);
      const lastGood = rig.memory.pointer();
      rig.serve(() => Promise.resolve(createDownload(createRows(5))));
      rig.advanceMinutes(24 * 60);
      let step = 0;
      rig.memory.beforeEach(() => {
        step += 1;
        if (step >= dead) throw reset();
      });
      expect(await rig.refresh('timer', rig.log.call)).toMatchObject({ kind: 'failed' });
      expect(rig.memory.pointer()).toEqual(lastGood);
      rig.memory.beforeEach();
      expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
      const blob = rig.memory.pointer()?.snapshot?.blob ?? '';
      expect(rig.memory.blobs.get(blob)?.toString().split('\n')).toHaveLength(6);
    }
  });

  it('writes a lost snapshot blob anew although the content is equal', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    const lost = rig.memory.pointer()?.snapshot?.blob ?? '';
    rig.memory.blobs.delete(lost);
    rig.advanceMinutes(60);
    expect((await rig.refreshElsewhere('timer', rig.log.call)).kind).toBe('published');
    const blob = rig.memory.pointer()?.snapshot?.blob ?? '';
    expect(blob).not.toBe(lost);
    expect(rig.memory.blobs.has(blob)).toBe(true);
  });

  it('reads nothing back of what it has published', async () => {
    const rig = createRefreshRig();
    await rig.refresh('timer', rig.log.call);
    rig.advanceMinutes(60);
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('unchanged');
    expect(rig.memory.operations.filter((operation) => operation.startsWith('readLines snapshots/'))).toEqual([]);
  });

  it('publishes although the vault cannot tell the age of the token', async () => {
    const rig = createRefreshRig();
    rig.setToken(new DependencyError('SecretsUnavailable', 'the vault is down'));
    expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
    expect(rig.memory.pointer()?.refreshTokenIssuedAt).toBeNull();
    expect(rig.log.valuesOf('refresh.published', 'refreshTokenAgeDays')).toEqual([undefined]);
  });
});
