import { describe, expect, it } from 'vitest';
import { invoke } from '../../support/functions/invocation.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload, createRows } from '../../support/lists/usage-rows.ts';

const list = '/api/customers/usagerecords';
const gzip = { headers: { 'accept-encoding': 'gzip' } };

function functionsOf(count: number, uncompressedBytes?: number) {
  const functions = createUsageFunctions(uncompressedBytes === undefined ? {} : { uncompressedBytes });
  functions.rig.serve(() => Promise.resolve(createDownload(createRows(count))));
  return functions;
}

describe('compressed usage records', () => {
  it('are made once for the queries that mean the same, without a look at a row afterwards', async () => {
    const functions = functionsOf(20);
    const first = await invoke(functions.list, `${list}?top=20&hasBudget=false`, gzip);
    for (const lines of functions.rig.memory.blobs.values()) lines.fill('1');
    for (const query of ['hasBudget=false&skip=0&top=20', 'top=20&code=key&hasBudget=false&maxpagesize=1000']) {
      expect((await invoke(functions.list, `${list}?${query}`, gzip)).body).toBe(first.body);
    }
    const other = await invoke(functions.list, `${list}?top=19`, { headers: { 'accept-encoding': 'gzip;q=0' } });
    expect(other.body).toContain(`"value":[${'1'.repeat(100)}`);
  });

  it('are made one after the other when they are large', async () => {
    const functions = functionsOf(2001);
    const [first, second, plain] = await Promise.all([
      invoke(functions.list, `${list}?maxpagesize=10000`, gzip),
      invoke(functions.list, `${list}?maxpagesize=10000`, gzip),
      invoke(functions.list, `${list}?maxpagesize=10000&view=flat&select=totalCost`),
    ]);
    expect(second.bytes).toEqual(first.bytes);
    for (const { json } of [first, plain]) expect(Object(json).value).toHaveLength(2001);
  });

  it('are kept apart by route, though two routes ask the same', async () => {
    const functions = functionsOf(3);
    const customerId = '99999999-9999-4999-8999-999999999999';
    const one = `${list}/${customerId}`;
    expect(await invoke(functions.list, `${list}?customerId=${customerId}`)).toMatchObject({
      status: 200,
      body: '{"value":[],"totalCount":0,"snapshot":{"period":"2026-11","fetchedAt":"2026-11-20T12:00:00.000Z","state":"fresh","recordCount":3,"estimate":true}}',
    });
    expect(await invoke(functions.customer, one, { params: { customerId } })).toMatchObject({ status: 404 });
  });

  it('are the only ones there are beyond the uncompressed maximum', async () => {
    const plain = await invoke(functionsOf(20).list, list);
    const { length } = plain.bytes;
    const { list: usageRecords } = functionsOf(20, length - 1);
    for (const accept of ['', 'br', 'gzip;q=0', 'identity']) {
      expect(await invoke(usageRecords, list, { headers: { 'accept-encoding': accept } })).toMatchObject({
        status: 406,
        json: { code: 'TooLargeUncompressed', detail: expect.stringMatching(/gzip.*maxpagesize/) },
      });
    }
    expect(await invoke(usageRecords, list, { method: 'HEAD' })).toMatchObject({ status: 200 });
    expect((await invoke(usageRecords, list, gzip)).body).toBe(plain.body);
    expect(await invoke(usageRecords, `${list}?maxpagesize=19`)).toMatchObject({ status: 200 });
    expect((await invoke(functionsOf(20, length).list, list)).body).toBe(plain.body);
  });
});
