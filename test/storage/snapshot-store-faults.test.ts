import { inspect } from 'node:util';
import { BlobServiceClient } from '@azure/storage-blob';
import { beforeAll, describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { createBlobSnapshotStore } from '../../shared/storage/snapshot-store.ts';
import { blobClientOptions } from '../../shared/storage/usage-container.ts';
import { emptyPointer } from '../../shared/snapshot/pointer.ts';
import { createContainer, openContainer } from '../support/services/azurite.ts';
import { createTestCall } from '../support/call.ts';
import { cutBody, lostAnswer, reset, silence, stallBody, startFaultProxy, status } from './fault-proxy.ts';

const blob = 'snapshots/2026-11/a.ndjson.gz';
const lines = Buffer.from('{"totalCost":33.280000000000001044}\n');

const proxy = await startFaultProxy();
const direct = await createContainer();

beforeAll(() => storeBehindProxy().writeLines(blob, lines, createTestCall().call));

function storeBehindProxy(deadlineMs = 20_000) {
  const container = openContainer(`${proxy.url}/${direct.containerName}`, blobClientOptions);
  return createBlobSnapshotStore({
    container: async () => container,
    pointerDeadlineMs: deadlineMs,
    linesDeadlineMs: deadlineMs,
  });
}

describe('a storage that fails', () => {
  it('is asked again a few times, and forgiven when it recovers', async () => {
    proxy.fail('GET', status(503, 'ServerBusy'));
    proxy.fail('GET', reset);

    await expect(storeBehindProxy().readLines(blob, createTestCall().call)).resolves.toStrictEqual(lines);
    expect(proxy.requests).toHaveLength(3);
  });

  it('is given up after three tries, with its own words about why', async () => {
    proxy.fail('GET', status(503, 'ServerBusy'), 3);

    await expect(storeBehindProxy().readLines(blob, createTestCall().call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      details: { blob, status: 503, errorCode: 'ServerBusy', requestId: 'req-1' },
    });
    expect(proxy.requests).toHaveLength(3);
  });

  it('is not asked again when it refuses us', async () => {
    proxy.fail('GET', status(403, 'AuthorizationPermissionMismatch'));

    await expect(storeBehindProxy().readPointer(createTestCall().call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      details: { blob: 'current.json', status: 403, errorCode: 'AuthorizationPermissionMismatch' },
    });
    expect(proxy.requests).toHaveLength(1);
  });

  it('is named by the system error when no connection can be made', async () => {
    proxy.fail('PUT', reset, 3);

    await expect(storeBehindProxy().writeLines('b.gz', lines, createTestCall().call)).rejects.toMatchObject({
      details: { blob: 'b.gz', errorCode: 'ECONNRESET' },
    });
  });

  it.each([
    ['never answers', silence],
    ['stalls inside a body', stallBody],
  ])('is left at the deadline when it %s', async (_, fault) => {
    proxy.fail('GET', fault);

    await expect(storeBehindProxy(200).readLines(blob, createTestCall().call)).rejects.toMatchObject({
      details: { blob, errorCode: 'Timeout' },
    });
  });

  it('is forgiven one connection that breaks inside a body, and left at the second', async () => {
    proxy.fail('GET', cutBody, 3);

    await expect(storeBehindProxy().readLines(blob, createTestCall().call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      details: { blob, errorCode: 'Interrupted' },
    });
    await expect(storeBehindProxy().readLines(blob, createTestCall().call)).resolves.toStrictEqual(lines);
    expect(proxy.requests).toHaveLength(4);
  });

  it('is left when the caller gives up, before or meanwhile', async () => {
    const giveUp = new AbortController();
    proxy.fail('GET', () => giveUp.abort());
    const aborted = { details: { blob: 'current.json', errorCode: 'Aborted' } };

    await expect(storeBehindProxy().readPointer(createTestCall(giveUp.signal).call)).rejects.toMatchObject(aborted);
    await expect(storeBehindProxy().readPointer(createTestCall(giveUp.signal).call)).rejects.toMatchObject(aborted);
    expect(proxy.requests).toHaveLength(1);
  });

  it('is left with the reason of a caller that was stopped by a failure', async () => {
    const lost = new DependencyError('StorageUnavailable', 'the lease is lost');

    await expect(storeBehindProxy().readPointer(createTestCall(AbortSignal.abort(lost)).call)).rejects.toBe(lost);
  });

  it('is unavailable when its client cannot be had', async () => {
    const store = createBlobSnapshotStore({ container: async () => Promise.reject(new TypeError('no identity')) });

    await expect(store.readPointer(createTestCall().call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      cause: new TypeError('no identity'),
    });
  });

  it('never shows a signature, a header or a body in its error', async () => {
    proxy.fail('GET', status(502, '', '<html>Bad gateway, token-in-body</html>'));
    const address = `${proxy.url}?sv=2026-02-06&sig=c2VjcmV0LXNpZ25hdHVyZQ%3D%3D`;
    const container = new BlobServiceClient(address, undefined, blobClientOptions).getContainerClient('usage');
    const store = createBlobSnapshotStore({ container: async () => container });

    const error: unknown = await store.readPointer(createTestCall().call).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(DependencyError);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/c2VjcmV0|token-in-body|usage\/current/);
  });
});

describe('writeLines', () => {
  it('is done when somebody has written the blob before', async () => {
    proxy.fail('PUT', status(412, 'ConditionNotMet'));

    await expect(storeBehindProxy().writeLines(blob, lines, createTestCall().call)).resolves.toBeUndefined();
  });

  it('fails when storage refuses the condition, and there is no such blob', async () => {
    proxy.fail('PUT', status(412, 'ConditionNotMet'));
    const written = storeBehindProxy().writeLines('snapshots/2026-11/b.ndjson.gz', lines, createTestCall().call);

    await expect(written).rejects.toMatchObject({ code: 'StorageUnavailable', details: { status: 412 } });
  });
});

describe('writePointer', () => {
  it('knows its own write again when the answer to it got lost', async () => {
    await direct.getBlobClient('current.json').deleteIfExists();
    proxy.fail('PUT', lostAnswer);
    const store = storeBehindProxy();

    const stored = await store.writePointer(emptyPointer, undefined, createTestCall().call);

    expect(stored).toMatchObject({ pointer: emptyPointer });
    await expect(store.readPointer(createTestCall().call)).resolves.toStrictEqual(stored);
    expect(proxy.requests.map((request) => request.split(' ')[0])).toStrictEqual(['PUT', 'PUT', 'HEAD', 'GET']);
  });

  it('conflicts when the service says that somebody was faster', async () => {
    proxy.fail('PUT', status(412, 'ConditionNotMet'));

    await expect(storeBehindProxy().writePointer(emptyPointer, '"0x1"', createTestCall().call)).resolves.toBe(
      'conflict',
    );
  });

  it.each([
    ['at once', 'PUT'],
    ['when asked whose write won', 'HEAD'],
  ])('fails when the service refuses us %s', async (_, method) => {
    proxy.fail(method, status(403, 'AuthorizationFailure'));

    await expect(storeBehindProxy().writePointer(emptyPointer, '"0x1"', createTestCall().call)).rejects.toMatchObject({
      details: { blob: 'current.json', status: 403 },
    });
  });
});
