import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createFunctionsRig } from '../support/functions-rig.ts';
import { downloadOf, rowsOf } from '../support/usage-rows.ts';

const list = '/api/customers/usagerecords';
const gzip = { headers: { 'accept-encoding': 'gzip' } };

function rigOf(count: number, uncompressedBytes?: number) {
  const rig = createFunctionsRig(uncompressedBytes === undefined ? {} : { uncompressedBytes });
  rig.serve(() => Promise.resolve(downloadOf(rowsOf(count))));
  return rig;
}

async function bytesOf(rig: ReturnType<typeof createFunctionsRig>, name: string, path: string, init = {}) {
  return (await rig.call(name, path, init)).bytes;
}

describe('compressed usage records', () => {
  it('say the length of what is sent, and hold what the plain ones do', async () => {
    const rig = rigOf(20);
    const zipped = await rig.call('usage-records', list, gzip);
    const plain = await rig.call('usage-records', list);
    expect(gunzipSync(zipped.bytes)).toEqual(plain.bytes);
    for (const { headers, bytes } of [zipped, plain]) expect(headers.get('content-length')).toBe(String(bytes.length));
    expect(Object(plain.json).value).toHaveLength(20);
  });

  it('are made once for the queries that mean the same', async () => {
    const rig = rigOf(20);
    const first = await bytesOf(rig, 'usage-records', `${list}?top=20&hasBudget=false`, gzip);
    const kept = await bytesOf(rig, 'usage-records', `${list}?top=20&hasBudget=false`, gzip);
    expect(kept).toEqual(first);
    for (const query of ['hasBudget=false&skip=0&top=20', 'top=20&code=key&hasBudget=false&maxpagesize=1000']) {
      expect(await bytesOf(rig, 'usage-records', `${list}?${query}`, gzip)).toBe(kept);
    }
    expect(await bytesOf(rig, 'usage-records', `${list}?top=20`, gzip)).not.toBe(kept);
  });

  it('are made anew after a refresh, of equal content too', async () => {
    const rig = rigOf(20);
    const first = await bytesOf(rig, 'usage-records', list, gzip);
    rig.advanceMinutes(60);
    await rig.call('refresh', '/api/refresh', { method: 'POST' });
    const second = gunzipSync(await bytesOf(rig, 'usage-records', list, gzip)).toString();
    expect(second).toBe(gunzipSync(first).toString().replace('T12:00:00', 'T13:00:00'));
  });

  it('say what is wrong with an empty list of a customer, though the list was kept', async () => {
    const rig = rigOf(3);
    const id = '99999999-9999-4999-8999-999999999999';
    const params = { customerId: id };
    expect(await rig.call('usage-records', `${list}?customerId=${id}`)).toMatchObject({ status: 200 });
    expect(await rig.call('customer-usage-records', `${list}/${id}`, { params })).toMatchObject({ status: 404 });
    expect(await bytesOf(rig, 'usage-records', `${list}?customerId=${id}`)).toEqual(
      Buffer.from(
        '{"value":[],"totalCount":0,"snapshot":{"period":"2026-11","fetchedAt":"2026-11-20T12:00:00.000Z","state":"fresh","recordCount":3,"estimate":true}}',
      ),
    );
  });

  it('are the only ones there are beyond the uncompressed maximum', async () => {
    const plain = await bytesOf(rigOf(20), 'usage-records', list);
    const rig = rigOf(20, plain.length - 1);
    expect(await rig.call('usage-records', list)).toMatchObject({
      status: 406,
      json: { code: 'TooLargeUncompressed' },
    });
    expect(await rig.call('usage-records', list, { method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(gunzipSync(await bytesOf(rig, 'usage-records', list, gzip))).toEqual(plain);
    expect(await rig.call('usage-records', `${list}?maxpagesize=19`)).toMatchObject({ status: 200 });
    expect(await bytesOf(rigOf(20, plain.length), 'usage-records', list)).toEqual(plain);
  });
});
