import { once } from 'node:events';
import type { ContainerClient } from '@azure/storage-blob';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationContext } from '../../shared/context.ts';
import type { HeldLease } from '../../shared/ports.ts';
import { createRefreshLease } from '../../shared/storage/refresh-lease.ts';
import { createContainer, openContainer } from '../support/services/azurite.ts';
import { createTestCall } from '../support/call.ts';
import { type Fault, reset, startFaultProxy, status } from './fault-proxy.ts';
import { createManualSleep } from './manual-sleep.ts';

const proxy = await startFaultProxy();
let container: ContainerClient;
let now = 0;

beforeEach(async () => {
  now = 1_795_140_000_000;
  const { containerName } = await createContainer();
  container = openContainer(`${proxy.url}/${containerName}`, { retryOptions: { maxTries: 1 } });
});

/** One process that wants the lock. */
function contender() {
  const { sleep, next } = createManualSleep();
  return { lease: createRefreshLease({ container: async () => container, clock: () => now, sleep }), nextNap: next };
}

async function holder(call: OperationContext) {
  const { lease, nextNap } = contender();
  return { held: heldOf(await lease.acquire(call)), nextNap };
}

function heldOf(lease: HeldLease | undefined): HeldLease {
  if (lease === undefined) throw new Error('somebody else holds the lease');
  return lease;
}

async function isFree(): Promise<boolean> {
  const other = await contender().lease.acquire(createTestCall().call);
  await other?.release();
  return other !== undefined;
}

describe('acquire', () => {
  it('makes the lock, holds it alone, and gives it back', async () => {
    const { held } = await holder(createTestCall().call);
    await expect(isFree()).resolves.toBe(false);

    await held.release();

    await expect(isFree()).resolves.toBe(true);
    expect(held.signal.aborted).toBe(false);
  });

  it('lets exactly one of many have it, on a container that has no lock yet', async () => {
    const leases = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async () => contender().lease.acquire(createTestCall().call)),
    );

    const held = leases.filter((lease) => lease !== undefined);
    expect(held).toHaveLength(1);
    await held[0]?.release();
  });

  it('is not disturbed when another process makes the lock first', async () => {
    await expect(isFree()).resolves.toBe(true);
    proxy.fail('PUT', status(404, 'BlobNotFound'));

    await expect(isFree()).resolves.toBe(true);
  });

  it.each<readonly [string, readonly Fault[], object]>([
    ['refuses us', [status(403, 'AuthorizationFailure')], { status: 403, errorCode: 'AuthorizationFailure' }],
    ['does not let us make the lock', [status(404, 'BlobNotFound'), status(403, 'Forbidden')], { status: 403 }],
    ['has no container', [status(404, 'ContainerNotFound')], { status: 404, errorCode: 'ContainerNotFound' }],
    ['breaks the connection', [reset], { errorCode: 'ECONNRESET' }],
  ])('fails when the storage %s', async (_, faults, details) => {
    for (const fault of faults) proxy.fail('PUT', fault);

    await expect(contender().lease.acquire(createTestCall().call)).rejects.toMatchObject({
      name: 'DependencyError',
      code: 'StorageUnavailable',
      details: { blob: 'refresh.lock', ...details },
    });
  });

  it('ends with the call', async () => {
    await expect(contender().lease.acquire(createTestCall(AbortSignal.abort()).call)).rejects.toMatchObject({
      details: { blob: 'refresh.lock', errorCode: 'Aborted' },
    });
  });
});

describe('a held lease', () => {
  it('is renewed every 20 seconds', async () => {
    const { call, events } = createTestCall();
    const { held, nextNap } = await holder(call);
    const requestsBefore = proxy.requests.length;
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const nap = await nextNap();
      waits.push(nap.ms);
      now += nap.ms;
      nap.wake();
    }
    await nextNap();

    expect(waits).toStrictEqual([20_000, 20_000, 20_000]);
    expect(proxy.requests.slice(requestsBefore)).toStrictEqual(
      waits.map(() => `PUT /devstoreaccount1/${container.containerName}/refresh.lock?comp=lease`),
    );
    await expect(isFree()).resolves.toBe(false);
    expect(held.signal.aborted).toBe(false);
    expect(events).toStrictEqual([]);
    await held.release();
  });

  it('survives renewals that fail while it lasts', async () => {
    const { call, events } = createTestCall();
    const { held, nextNap } = await holder(call);
    proxy.fail('PUT', status(503, 'ServerBusy'));
    proxy.fail('PUT', reset);
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const nap = await nextNap();
      waits.push(nap.ms);
      now += nap.ms;
      nap.wake();
    }
    await nextNap();

    expect(waits).toStrictEqual([20_000, 5_000, 5_000, 20_000]);
    expect(held.signal.aborted).toBe(false);
    expect(events).toStrictEqual([]);
    await held.release();
  });

  it('is lost before it runs out when no renewal succeeds', async () => {
    const { call, events } = createTestCall();
    const { held, nextNap } = await holder(call);
    const acquiredAt = now;
    proxy.fail('PUT', status(503, 'ServerBusy'), 100);
    while (!held.signal.aborted) {
      const nap = await Promise.race([nextNap(), once(held.signal, 'abort').then(() => undefined)]);
      now += nap?.ms ?? 0;
      nap?.wake();
    }

    expect(now - acquiredAt).toBe(50_000);
    expect(held.signal.reason).toMatchObject({ code: 'StorageUnavailable', details: { errorCode: 'LeaseLost' } });
    expect(events).toStrictEqual([
      {
        event: 'refresh.lease-lost',
        heldMs: 50_000,
        blob: 'refresh.lock',
        status: 503,
        errorCode: 'ServerBusy',
        requestId: 'req-1',
      },
    ]);
    await held.release();
  });

  it.each([
    ['somebody broke it', 409, 'LeaseIsBrokenAndCannotBeRenewed'],
    ['another process has it', 409, 'LeaseIdMismatchWithLeaseOperation'],
    ['the lock was deleted', 404, 'BlobNotFound'],
    ['the lock was made anew', 412, 'LeaseNotPresent'],
  ])('is lost at once when %s', async (_, code, errorCode) => {
    const { call, events } = createTestCall();
    const { held, nextNap } = await holder(call);
    proxy.fail('PUT', status(code, errorCode));
    const lost = once(held.signal, 'abort');

    (await nextNap()).wake();
    await lost;

    expect(events).toMatchObject([{ event: 'refresh.lease-lost', status: code, errorCode }]);
    await held.release();
  });

  it('is lost for the old holder and free for others after an operator broke it', async () => {
    const { held, nextNap } = await holder(createTestCall().call);
    await container.getBlobClient('refresh.lock').getBlobLeaseClient().breakLease(0);
    const next = heldOf(await contender().lease.acquire(createTestCall().call));
    const lost = once(held.signal, 'abort');

    (await nextNap()).wake();
    await lost;
    await held.release();

    await expect(isFree()).resolves.toBe(false);
    await next.release();
  });

  it('is lost when waiting itself fails', async () => {
    const { call, events } = createTestCall();
    const { held, nextNap } = await holder(call);
    const lost = once(held.signal, 'abort');

    (await nextNap()).fail(new Error('no timers'));
    await lost;

    expect(events).toStrictEqual([{ event: 'refresh.lease-lost', heldMs: 0 }]);
    await held.release();
  });

  it('is no longer renewed when the call ends, and can still be given back', async () => {
    const end = new AbortController();
    const { call, events } = createTestCall(end.signal);
    const { held } = await holder(call);

    end.abort();

    await expect(isFree()).resolves.toBe(false);
    await held.release();
    await expect(isFree()).resolves.toBe(true);
    expect(held.signal.aborted).toBe(false);
    expect(events).toStrictEqual([]);
  });

  it('is given back in the middle of a renewal that hangs', async () => {
    const { call, events } = createTestCall();
    const { held, nextNap } = await holder(call);
    const renewing = new Promise<void>((resolve) => {
      proxy.fail('PUT', () => resolve());
    });
    (await nextNap()).wake();
    await renewing;

    await held.release();

    await expect(isFree()).resolves.toBe(true);
    expect(events).toStrictEqual([]);
  });

  it('keeps quiet when giving it back fails, and when it is given back twice', async () => {
    const { held } = await holder(createTestCall().call);
    proxy.fail('PUT', status(503, 'ServerBusy'));

    await expect(held.release()).resolves.toBeUndefined();
    await expect(isFree()).resolves.toBe(false);
    await held.release();
    await expect(held.release()).resolves.toBeUndefined();
    await expect(isFree()).resolves.toBe(true);
  });
});
