import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { DependencyError } from '../../../shared/errors.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createLineDownload, listUsage } from '../../support/lists/kept-days.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';

const list = '/api/customers/usagerecords';
const hour = 3_600_000;

let functions: ReturnType<typeof createUsageFunctions>;
let rig: ReturnType<typeof createRefreshRig>;

beforeEach(() => {
  rig = createRefreshRig({ now: '2026-10-30T07:00:00Z' });
  rig.serve(async () => listUsage(rig.now()));
  functions = createUsageFunctions({ rig });
});

async function refreshAt(time: string) {
  rig.advanceMinutes((Date.parse(time) - rig.now()) / 60_000);
  await functions.refresh();
}

/** Four customers with this cost from now on. */
function serveCost(totalCost: string, day: string) {
  rig.serve(async () => createLineDownload([0, 1, 2, 3].map((number) => ({ number, totalCost, day }))));
}

const get = async (query: string, headers: Readonly<Record<string, string>> = {}) =>
  invoke(functions.list, `${list}?${query}`, { headers });

const reads = () => rig.memory.operations.filter((operation) => operation.startsWith('readLines')).length;

const listings = () => rig.memory.operations.filter((operation) => operation === 'listBlobs daily/').length;

describe('asOf', () => {
  it('says the day, the period and that the list is historical, in body and headers', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    await refreshAt('2026-10-31T07:00:00Z');
    expect(await get('asOf=2026-10-30&top=1')).toMatchObject({
      status: 200,
      headers: {
        'cache-status': 'usage; hit; detail=historical; as-of="2026-10-30"',
        'last-modified': 'Fri, 30 Oct 2026 07:00:00 GMT',
        'cache-control': 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400',
      },
      json: {
        value: [{ usdTotalCost: 30.56 }],
        totalCount: 4,
        snapshot: {
          asOf: '2026-10-30',
          period: '2026-10',
          fetchedAt: '2026-10-30T07:00:00.000Z',
          state: 'historical',
          recordCount: 4,
          estimate: true,
        },
      },
    });
    const csv = await get('asOf=2026-10-30&format=csv');
    expect(csv.headers['content-disposition']).toBe('attachment; filename="usage-2026-10-30.csv"');
  });

  it('serves the newest copy of a day, and that of an older release where there is none', async () => {
    rig.memory.blobs.set(
      'daily/2026-10/2026-10-29.ndjson.gz',
      listUsage(Date.parse('2026-10-29T07:00:00Z')).snapshot.lines,
    );
    await refreshAt('2026-10-30T07:00:00Z');
    serveCost('99', '2026-10-30');
    await refreshAt('2026-10-30T09:00:00Z');
    expect((await get('asOf=2026-10-30')).json).toMatchObject({ value: [{ totalCost: 99 }, {}, {}, {}] });
    expect((await get('asOf=2026-10-29&maxpagesize=3')).json).toMatchObject({
      totalCount: 4,
      snapshot: { asOf: '2026-10-29', fetchedAt: '2026-10-29T00:00:00.000Z' },
      nextLink: expect.stringContaining('asOf=2026-10-29'),
    });
  });

  it('follows the pages of a copy whose name has no hash', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    const { snapshot } = listUsage(Date.parse('2026-10-29T07:00:00Z'));
    rig.memory.blobs.set('daily/2026-10/2026-10-29.ndjson.gz', snapshot.lines);
    const first = await get('asOf=2026-10-29&maxpagesize=3');
    const { search } = new URL(String(Object(first.json).nextLink));
    const second = await get(search.slice(1));
    expect(Object(first.json).value).toHaveLength(3);
    expect(Object(second.json).value).toHaveLength(1);
  });

  it('reads nothing for the day whose copy is the current list', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    await get('');
    const before = reads();
    expect(await get('asOf=2026-10-30')).toMatchObject({ status: 200, json: { snapshot: { state: 'historical' } } });
    expect(reads()).toBe(before);
  });

  it('answers 304 without reading the list', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    await refreshAt('2026-10-31T07:00:00Z');
    const { headers } = await get('asOf=2026-10-30');
    functions = createUsageFunctions({ rig });
    await get('');
    const before = reads();
    const again = await get('asOf=2026-10-30', { 'if-none-match': String(headers['etag']) });
    expect(again).toMatchObject({ status: 304, headers: { 'cache-status': headers['cache-status'] } });
    expect(reads()).toBe(before);
    expect((await get('asOf=2026-10-31', { 'if-none-match': String(headers['etag']) })).status).toBe(200);
  });

  it('follows the pages of an old day, and of a day that got a newer copy meanwhile', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    const first = await get('asOf=2026-10-30&maxpagesize=3');
    const { search } = new URL(String(Object(first.json).nextLink));
    serveCost('99', '2026-10-30');
    await refreshAt('2026-10-30T09:00:00Z');
    await refreshAt('2026-11-02T09:00:00Z');
    expect(await get(search.slice(1))).toMatchObject({
      status: 200,
      json: { value: [{ usdTotalCost: 120.56 }] },
    });
    expect((await get('asOf=2026-10-30&top=1')).json).toMatchObject({ value: [{ totalCost: 99 }] });
    expect((await get(search.slice(1).replace('2026-10-30', '2026-11-02'))).json).toMatchObject({
      code: 'InvalidCursor',
    });
  });

  it('says that a customer was not in the list of the day', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    const customerId = '99999999-0000-4000-8000-000000000002';
    const answer = await invoke(functions.customer, `${list}/${customerId}?asOf=2026-10-30`, {
      params: { customerId },
    });
    expect(answer).toMatchObject({
      status: 404,
      json: { code: 'CustomerNotFound', detail: 'The list of 2026-10-30 has no usage record of this customer.' },
    });
  });
});

describe('a day that is not kept', () => {
  it('is 404 and names the nearest kept days, whatever was listed before', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    await refreshAt('2026-11-03T07:00:00Z');
    expect(await get('asOf=2026-11-01')).toMatchObject({
      status: 404,
      headers: { 'x-ms-error-code': 'DayNotKept', 'cache-control': 'no-store' },
      json: {
        code: 'DayNotKept',
        detail: 'No list of 2026-11-01 is kept. Nearest kept: 2026-10-30 and 2026-11-03.',
        nearest: { before: '2026-10-30', after: '2026-11-03' },
        snapshot: { state: 'fresh', period: '2026-11' },
      },
    });
    expect((await get('asOf=2026-10-01')).json).toMatchObject({ nearest: { after: '2026-10-30' } });
  });

  it('is 404 without a neighbour while nothing is kept, and starts no refresh', async () => {
    expect(await get('asOf=2026-10-29')).toMatchObject({
      status: 404,
      json: { code: 'DayNotKept', detail: 'No list of 2026-10-29 is kept. Nothing is kept yet.', nearest: {} },
    });
    expect(rig.downloads()).toBe(0);
  });

  it('is looked for again before it is refused', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    await get('asOf=2026-10-30');
    rig.advanceMinutes(1);
    rig.memory.blobs.set(
      'daily/2026-10/2026-10-29.ndjson.gz',
      listUsage(Date.parse('2026-10-29T07:00:00Z')).snapshot.lines,
    );
    expect((await get('asOf=2026-10-29')).status).toBe(200);
  });

  it('causes a listing every two seconds at most', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    const before = listings();
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await get('asOf=2026-10-29')).status));
    expect(new Set(statuses)).toStrictEqual(new Set([404]));
    expect(listings() - before).toBe(1);
  });

  it.each([
    ['missing', 'lost', (blob: string) => rig.memory.blobs.delete(blob)],
    ['corrupt', 'damaged', (blob: string) => rig.memory.blobs.set(blob, Buffer.from('{}\n'))],
  ] as const)('is 404 with its reason when its blob is %s, with one warning', async (reason, word, harm) => {
    await refreshAt('2026-10-30T07:00:00Z');
    await refreshAt('2026-10-31T07:00:00Z');
    const [blob = ''] = [...rig.memory.blobs.keys()].filter((name) => name.startsWith('daily/2026-10/2026-10-30'));
    await get('asOf=2026-10-31');
    harm(blob);
    const answers = [await get('asOf=2026-10-30'), await get('asOf=2026-10-30&top=1')];
    for (const { status, json } of answers) {
      expect({ status, json }).toMatchObject({
        status: 404,
        json: { code: 'DayNotKept', reason, detail: `The list of 2026-10-30 is ${word}. Nearest kept: 2026-10-31.` },
      });
    }
    const warning = { event: 'history.unreadable', level: 'warning', code: 'StorageUnavailable', blob, reason };
    expect(answers.map(({ events }) => events)).toMatchObject([[warning], []]);
    for (const asked of [{ method: 'HEAD' }, { headers: { 'if-none-match': '*' } }]) {
      expect((await invoke(functions.list, `${list}?asOf=2026-10-30`, asked)).status).toBe(404);
      expect((await invoke(functions.summary, '/api/usagesummary?asOf=2026-10-30', asked)).status).toBe(404);
    }
    expect((await get('')).status).toBe(200);
  });
});

describe('period', () => {
  it('serves the current list for its own month, with its age', async () => {
    await refreshAt('2026-11-02T07:00:00Z');
    const { headers, json } = await get('period=2026-11');
    expect(json).toMatchObject({ snapshot: { period: '2026-11', state: 'fresh' } });
    expect(json).not.toHaveProperty('snapshot.version');
    expect(headers['cache-status']).toBe('usage; hit; ttl=5400; detail=fresh; period="2026-11"');
  });

  it('refreshes an empty cache for this month, as the list does', async () => {
    rig.advanceMinutes(24 * 60);
    expect(await get('period=2026-10')).toMatchObject({ status: 200, json: { snapshot: { state: 'fresh' } } });
  });

  it('is 404 for this month while the first list is still about the month before', async () => {
    rig.advanceMinutes((Date.parse('2026-11-01T02:00:00Z') - rig.now()) / 60_000);
    serveCost('7', '2026-10-31');
    expect(await get('period=2026-11')).toMatchObject({
      status: 404,
      json: { code: 'PeriodNotKept', snapshot: { period: '2026-10' } },
    });
    expect((await get('period=2026-10')).status).toBe(200);
  });

  it('serves the closing list, and its newest version after a correction', async () => {
    await refreshAt('2026-10-31T07:00:00Z');
    await refreshAt('2026-11-01T07:00:00Z');
    const first = await get('period=2026-10');
    expect(first.headers['cache-status']).toBe('usage; hit; detail=historical; period="2026-10"');
    expect(first.json).toMatchObject({
      value: [{ usdTotalCost: 31.56 }, {}, {}, {}],
      snapshot: { period: '2026-10', version: 1, fetchedAt: '2026-10-31T07:00:00.000Z', state: 'historical' },
    });
    serveCost('7', '2026-10-31');
    await refreshAt('2026-11-02T07:00:00Z');
    expect((await get('period=2026-10')).json).toMatchObject({
      value: [{ totalCost: 7 }, {}, {}, {}],
      snapshot: { state: 'fresh' },
    });
    serveCost('1', '2026-11-02');
    await refreshAt('2026-11-03T07:00:00Z');
    const corrected = await get('period=2026-10', { 'if-none-match': String(first.headers['etag']) });
    expect(corrected.json).toMatchObject({ value: [{ totalCost: 7 }, {}, {}, {}], snapshot: { version: 2 } });
    expect(corrected.json).not.toHaveProperty('snapshot.asOf');
    const csv = await get('period=2026-10&format=csv');
    expect(csv.headers['content-disposition']).toBe('attachment; filename="usage-2026-10.csv"');
  });

  it('keeps a page walk alive when the month turns between two pages', async () => {
    await refreshAt('2026-10-31T07:00:00Z');
    const first = await get('period=2026-10&maxpagesize=3');
    await refreshAt('2026-11-01T07:00:00Z');
    const second = await get(new URL(String(Object(first.json).nextLink)).search.slice(1));
    expect(second.json).toMatchObject({
      value: [{ usdTotalCost: 124.56 }],
      snapshot: { state: 'historical' },
    });
  });

  it('serves the last daily copy of a month from before closing lists, which may be of the next month', async () => {
    for (const day of ['2026-09-29', '2026-09-30', '2026-10-01', '2026-10-02']) {
      // The first list of a day, as an older release kept it.
      const { snapshot } = listUsage(Date.parse(day) + hour);
      rig.memory.blobs.set(`daily/${day.slice(0, 7)}/${day}.ndjson.gz`, snapshot.lines);
    }
    await refreshAt('2026-10-30T07:00:00Z');
    const { json } = await get('period=2026-09');
    expect(json).toMatchObject({
      value: [{ usdTotalCost: 30.56 }, {}, {}, {}],
      snapshot: { period: '2026-09', fetchedAt: '2026-10-01T00:00:00.000Z', state: 'historical' },
    });
    expect(json).not.toHaveProperty('snapshot.version');
    const before = reads();
    await get('period=2026-09&top=1');
    expect(reads() - before).toBe(0);
  });

  it('is 404 for a month that is not kept, with the nearest kept months', async () => {
    await refreshAt('2026-08-20T07:00:00Z');
    await refreshAt('2026-10-30T07:00:00Z');
    expect(await get('period=2026-09')).toMatchObject({
      status: 404,
      json: {
        code: 'PeriodNotKept',
        detail: 'No list of 2026-09 is kept. Nearest kept: 2026-08 and 2026-10.',
        nearest: { before: '2026-08', after: '2026-10' },
      },
    });
  });

  it('is 404 with its reason when the closing list is damaged', async () => {
    await refreshAt('2026-10-31T07:00:00Z');
    await refreshAt('2026-11-01T07:00:00Z');
    const [blob = ''] = [...rig.memory.blobs.keys()].filter((name) => name.startsWith('monthly/'));
    rig.memory.blobs.set(blob, Buffer.from('{}\n'));
    expect(await get('period=2026-10')).toMatchObject({
      status: 404,
      json: { code: 'PeriodNotKept', reason: 'corrupt' },
    });
  });
});

describe('mistakes', () => {
  const day = 'expected a day of the Gregorian calendar such as 2026-11-20, from 2000 on';
  const month = 'expected a month of the Gregorian calendar such as 2026-10, from 2000 on';
  it.each([
    ['asOf=2026-02-30', [['asOf', day]]],
    ['asOf=30.10.2026', [['asOf', day]]],
    ['asOf=2026-10-30T00:00:00Z', [['asOf', day]]],
    ['asOf=1405-08-08', [['asOf', day]]],
    ['asOf=2569-10-30', [['asOf', day]]],
    ['asOf=2026-10-31', [['asOf', 'lies in the future']]],
    ['period=2026-13', [['period', month]]],
    ['period=2026-1', [['period', month]]],
    ['period=1448-05', [['period', month]]],
    ['period=2026-11', [['period', 'lies in the future']]],
    [
      'asOf=2026-10-29&period=2026-10',
      [
        ['asOf', 'cannot be combined with period'],
        ['period', 'cannot be combined with asOf'],
      ],
    ],
    [
      'asOf=tomorrow&period=2027-01&top=0&Search=x',
      [
        ['Search', 'unknown parameter; did you mean `search`?'],
        ['asOf', day],
        ['top', 'expected a whole number from 1 to 100000'],
        ['period', 'lies in the future'],
      ],
    ],
  ])('%s is 400 with every problem, on each route', async (query, expected) => {
    await refreshAt('2026-10-30T07:00:00Z');
    const { status, json } = await get(query);
    const errors: { parameter: string; detail: string }[] = Object(json).errors;
    expect({ status, errors: errors.map(({ parameter, detail }) => [parameter, detail]) }).toStrictEqual({
      status: 400,
      errors: expected,
    });
    const params = { customerId: '00000000-0000-4000-8000-000000000000' };
    expect((await invoke(functions.summary, `/api/usagesummary?${query}`)).status).toBe(400);
    expect((await invoke(functions.customer, `${list}/x?${query}`, { params })).status).toBe(400);
  });
});

describe('kept lists in memory', () => {
  it('are read once however many ask, one at a time', async () => {
    for (const day of ['28', '29', '30', '31']) await refreshAt(`2026-10-${day}T07:00:00Z`);
    let running = 0;
    let most = 0;
    const { store } = rig.memory;
    const readLines = store.readLines.bind(store);
    store.readLines = async (...args) => {
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
      return readLines(...args);
    };
    await get('');
    const before = reads();
    const asked = ['28', '29', '30'].flatMap((day) => Array.from({ length: 10 }, () => get(`asOf=2026-10-${day}`)));
    expect((await Promise.all(asked)).map(({ status }) => status)).toStrictEqual(Array(30).fill(200));
    expect([reads() - before, most]).toStrictEqual([3, 1]);
  });

  it('are the last four by default, and never push out the current list', async () => {
    for (const day of ['25', '26', '27', '28', '29', '30']) await refreshAt(`2026-10-${day}T07:00:00Z`);
    await get('');
    const before = reads();
    for (const day of ['25', '26', '27', '28', '29', '29', '26']) await get(`asOf=2026-10-${day}&top=1`);
    expect(reads() - before).toBe(5);
    await get('asOf=2026-10-25&top=2');
    expect(reads() - before).toBe(6);
    await get('top=3');
    expect(reads() - before).toBe(6);
  });
});

describe('while storage is down', () => {
  it('old days are 503, and the current list goes on', async () => {
    await refreshAt('2026-10-30T07:00:00Z');
    await refreshAt('2026-10-31T07:00:00Z');
    await get('');
    for (const failing of ['', 'readLines']) {
      rig.memory.beforeEach((operation) => {
        if (operation.startsWith(failing)) throw new DependencyError('StorageUnavailable', 'connection reset');
      });
      const { status, json, events } = await get('asOf=2026-10-30');
      expect({ status, json }).toMatchObject({
        status: 503,
        json: { code: 'StorageUnavailable', snapshot: { state: 'fresh' } },
      });
      expect(events).toMatchObject([{ event: 'read.unavailable', code: 'StorageUnavailable' }]);
    }
    expect((await get('')).status).toBe(200);
    expect((await get('period=2026-10')).status).toBe(200);
    rig.memory.beforeEach();
    expect((await get('asOf=2026-10-30')).status).toBe(200);
  });
});
