import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createBlobSnapshotStore } from '../../shared/storage/snapshot-store.ts';
import { createContainer, nameContainer } from '../support/services/azurite.ts';
import { createTestCall } from '../support/call.ts';

const container = await createContainer();
let blobs = 0;

const store = createBlobSnapshotStore({ container: async () => container });

function newBlob(): string {
  blobs += 1;
  return `snapshots/2026-11/${blobs}.ndjson.gz`;
}

function recordOf(row: number): string {
  const filler = 'x'.repeat(400);
  return `{"id":"${row}","name":"Contoso ${row}","totalCost":${row}.0000000000000000001,"filler":"${filler}"}\n`;
}

async function put(bytes: Buffer): Promise<string> {
  const blob = newBlob();
  await container.getBlockBlobClient(blob).upload(bytes, bytes.length);
  return blob;
}

describe('writeLines', () => {
  it('stores a gzip file that any tool can read', async () => {
    const blob = newBlob();
    await store.writeLines(blob, Buffer.from('{"totalCost":120.5682999999995904716}\n'), createTestCall().call);

    const client = container.getBlockBlobClient(blob);
    const { contentType, contentEncoding } = await client.getProperties();

    expect({ contentType, contentEncoding }).toStrictEqual({
      contentType: 'application/gzip',
      contentEncoding: undefined,
    });
    expect(gunzipSync(await client.downloadToBuffer()).toString()).toBe('{"totalCost":120.5682999999995904716}\n');
  });

  it('refuses what no reader would accept, before it is there', async () => {
    const small = createBlobSnapshotStore({ container: async () => container, maxLinesBytes: 10 });
    const blob = newBlob();

    await expect(small.writeLines(blob, Buffer.alloc(11), createTestCall().call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      details: { blob, reason: 'too-large', bytes: 11 },
    });
    await expect(container.getBlobClient(blob).exists()).resolves.toBe(false);
  });

  it('fails when the container does not exist', async () => {
    const nowhere = await nameContainer();
    const lost = createBlobSnapshotStore({ container: async () => nowhere });

    await expect(lost.writeLines('a.gz', Buffer.from('{}\n'), createTestCall().call)).rejects.toMatchObject({
      details: { status: 404, errorCode: 'ContainerNotFound' },
    });
  });
});

describe('readLines', () => {
  test.prop([fc.uint8Array({ maxLength: 5000 })], { numRuns: 30 })('gives back every byte written', async (bytes) => {
    const blob = newBlob();
    await store.writeLines(blob, Buffer.from(bytes), createTestCall().call);

    const lines = await store.readLines(blob, createTestCall().call);

    expect(lines.equals(bytes)).toBe(true);
  });

  it('gives back 100 000 records', async () => {
    const lines = Buffer.from(Array.from({ length: 100_000 }, (_, row) => recordOf(row)).join(''));
    const blob = newBlob();
    await store.writeLines(blob, lines, createTestCall().call);

    const read = await store.readLines(blob, createTestCall().call);

    expect(lines.length).toBeGreaterThan(46_000_000);
    expect(read.equals(lines)).toBe(true);
  });

  it('reads gzip that another tool wrote, in one member or several', async () => {
    const blob = await put(Buffer.concat([gzipSync('{"a":1}\n{"b":2}\n', { level: 9 }), gzipSync('{"c":3}\n')]));

    await expect(store.readLines(blob, createTestCall().call)).resolves.toStrictEqual(
      Buffer.from('{"a":1}\n{"b":2}\n{"c":3}\n'),
    );
  });

  const whole = gzipSync('{"totalCost":12.39999999999999985235}\n'.repeat(100));
  const flipped = Buffer.from(whole);
  flipped.writeUInt8(flipped.readUInt8(20) ^ 0xff, 20);
  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is too short for gzip', Buffer.from([0x1f, 0x8b])],
    ['is plain text', Buffer.from('{"totalCost":12.39999999999999985235}\n')],
    ['is noise', randomBytes(2000)],
    ['is cut off', whole.subarray(0, -20)],
    ['has a wrong byte', flipped],
    ['holds more than the limit', gzipSync(Buffer.alloc(3_000_000))],
    ['is itself larger than the limit', randomBytes(2_000_000)],
  ])('says that a blob is corrupt when it %s', async (_, bytes) => {
    const limited = createBlobSnapshotStore({ container: async () => container, maxLinesBytes: 1_000_000 });
    const blob = await put(bytes);

    await expect(limited.readLines(blob, createTestCall().call)).rejects.toMatchObject({
      code: 'StorageUnavailable',
      details: { blob, reason: 'corrupt' },
    });
  });
});
