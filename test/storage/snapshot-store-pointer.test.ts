import type { ContainerClient } from '@azure/storage-blob';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBlobSnapshotStore } from '../../shared/storage/snapshot-store.ts';
import { emptyPointer, type SnapshotPointer } from '../../shared/snapshot/pointer.ts';
import { createContainer, nameContainer } from '../support/services/azurite.ts';
import { createTestCall } from '../support/call.ts';

const pointer: SnapshotPointer = {
  schemaVersion: 1,
  snapshot: {
    blob: 'snapshots/2026-11/2026-11-20T020000Z-0123456789abcdef.ndjson.gz',
    contentHash: '0123456789abcdef',
    period: '2026-11',
    fetchedAt: 1_795_140_000_000,
    recordCount: 4,
    upgradedCount: 2,
    hasCost: true,
    upstreamTotalCount: 3,
    upstreamRequestId: 'b9a3dd9f-9b6a-4c2c-8d5e-2c6f0e8f6a10',
    upstreamCorrelationId: null,
    gate: 'accepted',
    eventsBlob: null,
  },
  failure: {
    code: 'UpstreamThrottled',
    count: 2,
    at: 1_795_140_000_000,
    notBefore: 1_795_140_120_000,
    refreshTokenVersion: null,
    upstreamCode: null,
    cure: 'wait',
    detail: 'Partner Center is throttling this partner.',
  },
  refusal: null,
  refreshTokenIssuedAt: 1_794_000_000_000,
};

let container: ContainerClient;

beforeEach(async () => {
  container = await createContainer();
});

const storeOf = (client = container) => createBlobSnapshotStore({ container: async () => client });

async function put(text: string): Promise<string | undefined> {
  const { etag } = await container.getBlockBlobClient('current.json').upload(text, Buffer.byteLength(text));
  return etag;
}

describe('readPointer', () => {
  it('answers what was written, with the ETag it was written under', async () => {
    const stored = await storeOf().writePointer(pointer, undefined, createTestCall().call);

    const read = await storeOf().readPointer(createTestCall().call);

    expect(read).toStrictEqual(stored);
    expect(read).toStrictEqual({ pointer, etag: expect.stringMatching(/^"0x[0-9A-F]+"$/) });
  });

  it('keeps members it does not know', async () => {
    const text = JSON.stringify({ ...pointer, addedLater: { a: 1 } });
    const etag = await put(text);

    await expect(storeOf().readPointer(createTestCall().call)).resolves.toStrictEqual({
      pointer: JSON.parse(text),
      etag,
    });
  });

  it.each([
    ['no JSON', '{"schemaVersion":1,'],
    ['nothing', ''],
    ['JSON that is no object', '42'],
    ['an object without a version', '{}'],
    ['a member that breaks the schema of our version', JSON.stringify({ ...pointer, refreshTokenIssuedAt: 'soon' })],
    ['a missing member', JSON.stringify({ schemaVersion: 1, snapshot: null })],
    ['more than a pointer can ever be', JSON.stringify({ ...pointer, padding: ' '.repeat(1024 * 1024) })],
  ])('fails as corrupt, naming the ETag, when the blob holds %s', async (_, text) => {
    const etag = await put(text);

    await expect(storeOf().readPointer(createTestCall().call)).rejects.toMatchObject({
      name: 'DependencyError',
      code: 'StorageUnavailable',
      etag,
      details: { blob: 'current.json', reason: 'corrupt' },
    });
  });

  it('fails when the container does not exist, which is not the same as no pointer', async () => {
    const store = storeOf(await nameContainer());

    await expect(store.readPointer(createTestCall().call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      details: { blob: 'current.json', status: 404, errorCode: 'ContainerNotFound' },
    });
  });
});

describe('writePointer', () => {
  it('conflicts when the pointer has been deleted since it was read', async () => {
    const store = storeOf();
    const first = await store.writePointer(pointer, undefined, createTestCall().call);
    if (first === 'conflict') throw new Error('the first write conflicts');
    await container.deleteBlob('current.json');

    await expect(store.writePointer(pointer, first.etag, createTestCall().call)).resolves.toBe('conflict');
  });
});

describe('a pointer of a newer version', () => {
  const newer = {
    ...pointer,
    schemaVersion: 2,
    failure: { code: 'SomethingNew' },
    refusal: 'another shape',
    regions: ['west'],
  };

  it('is read as far as it is understood', async () => {
    const etag = await put(JSON.stringify(newer));

    await expect(storeOf().readPointer(createTestCall().call)).resolves.toStrictEqual({
      pointer: { ...newer, failure: null, refusal: null },
      etag,
    });
  });

  it('is read although members are gone or of another shape altogether', async () => {
    const etag = await put(JSON.stringify({ schemaVersion: 3, snapshot: { id: 7 }, refreshTokenIssuedAt: 'today' }));

    await expect(storeOf().readPointer(createTestCall().call)).resolves.toStrictEqual({
      pointer: { ...emptyPointer, schemaVersion: 3 },
      etag,
    });
  });

  it('is never overwritten, whatever version the next one says it has', async () => {
    const etag = await put(JSON.stringify(newer));
    const store = storeOf();
    await store.readPointer(createTestCall().call);
    const refusal = {
      code: 'StorageUnavailable',
      details: { blob: 'current.json', reason: 'newer-version', pointerVersion: 2 },
    };

    await expect(store.writePointer(pointer, etag, createTestCall().call)).rejects.toMatchObject(refusal);
    await expect(
      storeOf().writePointer({ ...pointer, schemaVersion: 2 }, etag, createTestCall().call),
    ).rejects.toMatchObject(refusal);
    await expect(store.readPointer(createTestCall().call, etag)).resolves.toBe('unchanged');
  });

  it('no longer stands in the way once it is back at our version', async () => {
    await put(JSON.stringify(newer));
    const store = storeOf();
    await store.readPointer(createTestCall().call);
    const etag = await put(JSON.stringify(pointer));
    await store.readPointer(createTestCall().call);

    await expect(store.writePointer(emptyPointer, etag, createTestCall().call)).resolves.toMatchObject({
      pointer: emptyPointer,
    });
  });
});
