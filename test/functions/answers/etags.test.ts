import { beforeEach, describe, expect, it } from 'vitest';
import { invoke } from '../../support/functions/invocation.ts';
import { createLineDownload } from '../../support/lists/kept-days.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';

const customerId = '00000000-0000-4000-8000-000000000001';
const list = '/api/customers/usagerecords';

let functions: ReturnType<typeof createUsageFunctions>;
let rig: ReturnType<typeof createRefreshRig>;

beforeEach(() => {
  rig = createRefreshRig({ now: '2026-10-30T08:00:00Z' });
  functions = createUsageFunctions({ rig });
});

/** Refreshes at 08:00 of the day with a list that says what customer 1 has cost by then. */
async function refreshOn(day: string, totalCost: string, listedDay = day): Promise<void> {
  rig.advanceMinutes((Date.parse(`${day}T08:00:00Z`) - rig.now()) / 60_000);
  rig.serve(async () => createLineDownload([{ number: 1, totalCost, day: listedDay }]));
  await functions.refresh();
}

type Headers = Readonly<Record<string, string>>;

const getPeriod = async (headers: Headers = {}) =>
  invoke(functions.list, `${list}?period=2026-10&view=flat&select=totalCost`, { headers });
const getCosts = async (headers: Headers = {}, method = 'GET') => {
  const query = `customerId=${customerId}&from=2026-10-30&to=2026-10-31`;
  return invoke(functions.history, `/api/usagehistory?${query}`, { headers, method });
};

const costsIn = (json: unknown) =>
  Object(json).value.map(({ totalCostText }: { totalCostText: string }) => totalCostText);

/** The month as another process has rebuilt it meanwhile: the list of October 30 was another. */
async function rebuildMonth(): Promise<void> {
  const other = createRefreshRig({ now: '2026-10-30T08:00:00Z' });
  const elsewhere = createUsageFunctions({ rig: other });
  for (const [day, totalCost] of [
    ['2026-10-30', '2'],
    ['2026-10-31', '3'],
  ] as const) {
    other.advanceMinutes((Date.parse(`${day}T08:00:00Z`) - other.now()) / 60_000);
    other.serve(async () => createLineDownload([{ number: 1, totalCost, day }]));
    await elsewhere.refresh();
  }
  for (const [blob, { bytes }] of other.memory.written) rig.memory.written.set(blob, { bytes, etag: '"rebuilt"' });
}

describe('an ETag', () => {
  it('brings no 304 on another route or day, though the query is the same', async () => {
    await refreshOn('2026-10-30', '1');
    await refreshOn('2026-10-31', '2');
    const params = { customerId };
    const requests = [
      async (headers: Headers) => invoke(functions.list, `${list}?customerId=${customerId}`, { headers }),
      async (headers: Headers) =>
        invoke(functions.list, `${list}?customerId=${customerId}&asOf=2026-10-30`, { headers }),
      async (headers: Headers) =>
        invoke(functions.list, `${list}?customerId=${customerId}&asOf=2026-10-31`, { headers }),
      async (headers: Headers) => invoke(functions.customer, `${list}/${customerId}`, { headers, params }),
      async (headers: Headers) => invoke(functions.summary, `/api/usagesummary?customerId=${customerId}`, { headers }),
      async (headers: Headers) =>
        invoke(functions.summary, `/api/usagesummary?customerId=${customerId}&asOf=2026-10-30`, { headers }),
      async (headers: Headers) => invoke(functions.history, `/api/usagehistory?customerId=${customerId}`, { headers }),
    ];
    const answers = await Promise.all(requests.map((request) => request({})));
    for (const [owner, { headers }] of answers.entries()) {
      const asked = requests.map((request) => request({ 'if-none-match': String(headers['etag']) }));
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      expect(statuses).toEqual(requests.map((_, position) => (position === owner ? 304 : 200)));
    }
  });

  it('of a closing list, and its cached body, change when the list becomes another version', async () => {
    await refreshOn('2026-10-31', '1');
    await refreshOn('2026-11-01', '9');
    await refreshOn('2026-11-02', '2', '2026-10-31');
    await refreshOn('2026-11-03', '10');
    const before = await getPeriod();
    expect(before.json).toMatchObject({ value: [{ totalCost: 2 }], snapshot: { version: 2 } });
    expect((await getPeriod()).body).toBe(before.body);
    const [oldest = ''] = [...rig.memory.blobs.keys()].filter((name) => name.startsWith('monthly/2026-10/'));
    rig.memory.blobs.delete(oldest);
    rig.advanceMinutes(11);
    const held = { 'if-none-match': String(before.headers['etag']) };
    expect(await getPeriod(held)).toMatchObject({ status: 200, json: { snapshot: { version: 1 } } });
  });
});

describe('the ETag of daily costs', () => {
  beforeEach(async () => {
    await refreshOn('2026-10-30', '1');
    await refreshOn('2026-10-31', '3');
  });

  it('changes with a month that was rebuilt, though the list is the same', async () => {
    const { headers, json } = await getCosts();
    expect(costsIn(json)).toEqual(['1', '3']);
    await rebuildMonth();
    functions = createUsageFunctions({ rig });
    const asked = await getCosts({ 'if-none-match': String(headers['etag']) });
    expect(asked.status).toBe(200);
    expect(costsIn(asked.json)).toEqual(['2', '3']);
  });

  it('is not that of the month before, when a month is replaced between its index and its blocks', async () => {
    const { headers } = await getCosts({}, 'HEAD');
    await rebuildMonth();
    const read = await getCosts();
    expect(costsIn(read.json)).toEqual(['2', '3']);
    expect(read.headers['etag']).not.toBe(headers['etag']);
    const again = await getCosts({ 'accept-encoding': 'gzip' });
    expect(again.headers['etag']).toBe(read.headers['etag']);
    expect(again.body).toBe(read.body);
  });

  it('changes with the day of an unchanged list, though its month could not be written', async () => {
    const { headers, json } = await getCosts();
    expect(costsIn(json)).toEqual(['1', '3']);
    rig.advanceMinutes(24 * 60);
    rig.memory.beforeEach((operation) => {
      if (operation.startsWith('replace')) throw new Error('no');
    });
    await functions.refresh();
    rig.advanceMinutes(6);
    const asked = await getCosts({ 'if-none-match': String(headers['etag']) });
    expect(asked.status).toBe(200);
    expect(costsIn(asked.json)).toEqual(['1', '']);
  });
});
