import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { invoke } from '../support/functions/invocation.ts';
import { createUsageFunctions } from '../support/functions/usage-functions.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';

const list = '/api/customers/usagerecords';

/** An instance that starts over storage with a snapshot. */
async function startInstance() {
  const rig = createRefreshRig();
  await createUsageFunctions({ rig }).refresh();
  return createUsageFunctions({ rig });
}

const fail = (what: string) => (operation: string) => {
  if (operation.startsWith(what)) throw new DependencyError('StorageUnavailable', 'down');
};

describe('the start of an instance', () => {
  it('reads the snapshot, so the first request does not', async () => {
    const { app, rig, list: handler } = await startInstance();
    await app.preload();
    rig.memory.beforeEach(fail('readLines'));
    expect(await invoke(handler, list)).toMatchObject({ status: 200, json: { totalCount: 4 } });
  });

  it.each(['readPointer', 'readLines'])(
    'does not matter when storage fails at %s: the first request reads again',
    async (what) => {
      const { app, rig, list: handler } = await startInstance();
      rig.memory.beforeEach(fail(what));
      await app.preload();
      rig.memory.beforeEach();
      expect(await invoke(handler, list)).toMatchObject({ status: 200, events: [], json: { totalCount: 4 } });
    },
  );

  it('starts no refresh, not even when there is no snapshot yet', async () => {
    const { app, rig } = createUsageFunctions();
    await app.preload();
    expect(rig.memory.operations).toEqual(['readPointer']);
  });
});
