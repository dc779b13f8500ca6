import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { invoke } from '../support/functions/invocation.ts';
import { createUsageFunctions } from '../support/functions/usage-functions.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const path = '/api/health/ready';
const day = 24 * 60;

function failing(code: 'UpstreamUnavailable' | 'UpstreamAuthRequired') {
  return () => Promise.reject(new DependencyError(code, 'down'));
}

describe('GET /api/health/live', () => {
  it('says that the process lives, and nothing else', async () => {
    const answer = await invoke(createUsageFunctions().live, '/api/health/live');
    expect(answer).toMatchObject({ status: 200, body: '{"status":"pass"}', headers: { 'cache-control': 'no-store' } });
  });
});

describe('GET /api/health/ready', () => {
  it('passes with a fresh snapshot and a young token', async () => {
    const { ready, refresh, rig } = createUsageFunctions();
    await refresh();
    expect(await invoke(ready, path)).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' },
      json: {
        status: 'pass',
        warnings: [],
        snapshot: { period: '2026-11', fetchedAt: '2026-11-20T12:00:00.000Z', state: 'fresh', recordCount: 4 },
        lastFailure: null,
        refreshToken: { issuedAt: '2026-11-01T00:00:00.000Z', ageDays: 19 },
      },
    });
    expect(rig.downloads()).toBe(1);
  });

  it('fails with 503 on an empty cache, and refreshes nothing', async () => {
    const { ready, rig } = createUsageFunctions();
    expect(await invoke(ready, path)).toMatchObject({
      status: 503,
      json: { status: 'fail', warnings: [], snapshot: null, lastFailure: null, refreshToken: null },
    });
    expect(rig.downloads()).toBe(0);
  });

  it('warns of a failed refresh, of old data and of an old token', async () => {
    const { ready, refresh, rig } = createUsageFunctions();
    await refresh();
    rig.serve(failing('UpstreamUnavailable'));
    rig.advanceMinutes(121);
    await refresh();
    expect(await invoke(ready, path)).toMatchObject({
      status: 200,
      json: {
        status: 'warn',
        warnings: ['data-old', 'refresh-failed'],
        snapshot: { state: 'stale' },
        lastFailure: {
          code: 'UpstreamUnavailable',
          count: 1,
          at: '2026-11-20T14:01:00.000Z',
          notBefore: '2026-11-20T14:02:00.000Z',
        },
      },
    });
    rig.setToken({ version: 'v1', issuedAt: Date.parse('2026-09-20T00:00:00Z') });
    rig.serve(() => Promise.resolve(createDownload(createRows(4))));
    rig.advanceMinutes(60);
    await refresh();
    expect(await invoke(ready, path)).toMatchObject({
      status: 200,
      json: { status: 'warn', warnings: ['token-old'], refreshToken: { ageDays: 61 } },
    });
  });

  it('warns of odd records, and takes a pointer that does not count them for one without', async () => {
    const { ready, refresh, rig } = createUsageFunctions();
    rig.serve(() => Promise.resolve(createDownload([...createRows(4), { lastModifiedDate: 'today' }])));
    await refresh();
    expect(await invoke(ready, path)).toMatchObject({
      status: 200,
      json: { status: 'warn', warnings: ['odd-records'], snapshot: { recordCount: 5, oddRecordCount: 1 } },
    });
    const pointer = structuredClone(rig.memory.pointer());
    if (!pointer?.snapshot) throw new Error('nothing was published');
    const { oddRecordCount: _, ...older } = pointer.snapshot;
    rig.memory.setPointer({ ...pointer, snapshot: older });
    rig.advanceMinutes(6);
    expect(await invoke(ready, path)).toMatchObject({
      json: { status: 'pass', warnings: [], snapshot: { oddRecordCount: 0 } },
    });
  });

  it('names no time to wait for while only a new refresh token helps', async () => {
    const { ready, refresh, rig } = createUsageFunctions();
    rig.serve(failing('UpstreamAuthRequired'));
    await refresh();
    expect(await invoke(ready, path)).toMatchObject({
      status: 503,
      json: { status: 'fail', lastFailure: { code: 'UpstreamAuthRequired', notBefore: null } },
    });
  });

  it('fails once the snapshot is expired', async () => {
    const { ready, refresh, rig } = createUsageFunctions();
    await refresh();
    rig.advanceMinutes(7 * day);
    expect(await invoke(ready, path)).toMatchObject({
      status: 503,
      json: { status: 'fail', warnings: ['data-old'], snapshot: { state: 'expired' } },
    });
  });
});
