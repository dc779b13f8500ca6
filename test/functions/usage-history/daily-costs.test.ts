import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DependencyError } from '../../../shared/errors.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createMemoryStore } from '../../support/services/memory-store.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload } from '../../support/lists/usage-rows.ts';
import { snapshotOfLines } from '../../snapshot/records.ts';

const one = '11111111-1111-4111-8111-111111111111';
const two = '22222222-2222-4222-8222-222222222222';
const route = '/api/usagehistory';
const history = z.object({ value: z.array(z.looseObject({ missing: z.boolean() })) });

const problem = z.object({
  errors: z.array(z.object({ parameter: z.string(), code: z.string(), detail: z.string() })),
});

type Record = { readonly id?: string; readonly cost: string; readonly percent?: string; readonly more?: string };

/** A record's line, its digits as given. */
function lineOf(day: string, { id = one, cost, percent = '50', more = '' }: Record): string {
  const name = id === one ? 'One' : '=Two';
  return (
    `{"id":"${id}","name":"${name}","isUpgraded":true,"currencyCode":"SEK","totalCost":${cost},"budget":{"amount":20.50},` +
    `"percentUsed":${percent},"lastModifiedDate":"${day}T05:00:00Z"${more}}`
  );
}

function createService(now: string, memory = createMemoryStore()) {
  const rig = createRefreshRig({ now, memory });
  const functions = createUsageFunctions({ rig });
  return {
    ...functions,
    memory,
    /** Publishes a list at 08:00 of the day. */
    list: async (day: string, ...records: Record[]) => {
      rig.advanceMinutes((Date.parse(`${day}T08:00:00Z`) - rig.now()) / 60_000);
      const snapshot = snapshotOfLines(records.map((record) => lineOf(day, record)));
      rig.serve(() => Promise.resolve({ ...createDownload([]), snapshot, totalCount: records.length }));
      expect(await functions.refresh()).toMatchObject({ kind: 'published' });
    },
    get: (query: string, asked = {}) => invoke(functions.history, `${route}?${query}`, asked),
    getPoints: async (query: string) =>
      history.parse((await invoke(functions.history, `${route}?${query}`)).json).value,
  };
}

/** Five days around the turn of a month, the third of them without a list. */
async function createStory() {
  const service = createService('2026-10-30T08:00:00Z');
  await service.list('2026-10-30', { cost: '10.000000000000000000001' }, { id: two, cost: '7' });
  await service.list('2026-10-31', { cost: '12.5' });
  await service.list('2026-11-02', { cost: '1.25' }, { id: two, cost: '1e1' });
  await service.list('2026-11-03', { cost: '1.20' }, { id: two, cost: '12' });
  return service;
}

/** The members of a point with figures. */
const known = (period: string, cost: string, daily: string) =>
  `"period":"${period}","totalCost":${cost},"totalCostText":"${cost}","dailyCost":${daily || null},"dailyCostText":"${daily}",` +
  '"percentUsed":50,"budgetAmount":20.50,"currencyCode":"SEK","missing":false';

describe('GET /api/usagehistory', () => {
  it('tells every day of a customer with all digits, exact differences, and gaps', async () => {
    const { get } = await createStory();
    const { status, body } = await get(`customerId=${one}&from=2026-10-30&to=2026-11-03`);
    expect(status).toBe(200);
    const [value] = /(?<="value":)\[.*\](?=,"from")/.exec(body) ?? [];
    const point = (date: string, rest: string) =>
      `{"customerId":"${one}","customerName":"One","isUpgraded":true,"date":"${date}",${rest}}`;
    const missing =
      '"period":null,"totalCost":null,"totalCostText":"","dailyCost":null,"dailyCostText":"","percentUsed":null,"budgetAmount":null,"currencyCode":"","missing":true';
    expect(value).toBe(
      `[${[
        point('2026-10-30', known('2026-10', '10.000000000000000000001', '')),
        point('2026-10-31', known('2026-10', '12.5', '2.499999999999999999999')),
        point('2026-11-01', missing),
        point('2026-11-02', known('2026-11', '1.25', '')),
        point('2026-11-03', known('2026-11', '1.20', '-0.05')),
      ].join(',')}]`,
    );
    expect(body).toContain('"from":"2026-10-30","to":"2026-11-03","totalCount":5,"snapshot":{"period":"2026-11"');
  });

  it('tells this month up to today unless asked otherwise, and a customer that the list has no more', async () => {
    const { getPoints, list } = await createStory();
    const points = async (query: string) => {
      return (await getPoints(query)).map((point) => [point['customerName'], point['date'], point['dailyCostText']]);
    };
    expect(await points(`customerId=${two}`)).toEqual([
      ['=Two', '2026-11-01', ''],
      ['=Two', '2026-11-02', ''],
      ['=Two', '2026-11-03', '2'],
    ]);
    await list('2026-11-04', { cost: '1.5' });
    expect(await points(`customerId=${two},${one}&from=2026-11-03`)).toEqual([
      ['One', '2026-11-03', '-0.05'],
      ['One', '2026-11-04', '0.3'],
      ['', '2026-11-03', '2'],
      ['', '2026-11-04', ''],
    ]);
    expect((await points('search=two')).length).toBe(0);
    expect((await points('to=2026-10-31')).length).toBe(31);
  });

  it('answers as CSV that a spreadsheet reads, with the digits and no formula', async () => {
    const { get } = await createStory();
    const { headers, body } = await get(`customerId=${two}&from=2026-11-02&format=csv&csvSeparator=semicolon`);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="usage-history-2026-11-02-2026-11-03.csv"',
    });
    expect(body).toBe(
      '\uFEFFcustomerId;customerName;isUpgraded;date;period;totalCost;totalCostText;dailyCost;dailyCostText;percentUsed;budgetAmount;currencyCode;missing\r\n' +
        `${two};'=Two;true;2026-11-02;2026-11;1e1;1e1;;;50;20.50;SEK;false\r\n` +
        `${two};'=Two;true;2026-11-03;2026-11;12;12;2;2;50;20.50;SEK;false\r\n`,
    );
    expect((await get(`customerId=${two}`, { headers: { accept: 'text/csv' } })).headers['content-type']).toMatch(
      /csv/,
    );
  });

  it('answers 304 to who has it, until a day or the list has changed', async () => {
    const { get, list } = await createStory();
    const query = `customerId=${one}&from=2026-11-02&to=2026-11-03`;
    const { headers } = await get(query);
    const asked = { headers: { 'if-none-match': headers['etag'] ?? '' } };
    expect(await get(query, asked)).toMatchObject({ status: 304, body: '' });
    expect(await get(query, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    await list('2026-11-04', { cost: '2' });
    expect(await get(query, asked)).toMatchObject({ status: 200 });
    expect((await get(query)).headers['cache-status']).toMatch(/^usage; hit; ttl=\d+; detail=fresh; period="2026-11"$/);
  });

  it('tells a search for the date of the API version from no search', async () => {
    const { getPoints } = await createStory();
    expect(await getPoints('search=2026-11-01')).toEqual([]);
    expect(await getPoints('')).toHaveLength(6);
  });

  it('names every mistake at once', async () => {
    const { get } = await createStory();
    const codes = async (query: string) => {
      const { status, json } = await get(query);
      expect(status).toBe(400);
      const { errors } = problem.parse(json);
      return errors.map(({ parameter, code, detail }) => `${parameter} ${code}: ${detail}`);
    };
    expect(await codes('from=2026-02-30&to=1447-05-01&top=5&minTotalCost=5')).toEqual([
      expect.stringMatching(/^top UnknownParameter/),
      'from InvalidParameter: expected a day of the Gregorian calendar such as 2026-11-20, from 2000 on',
      'to InvalidParameter: expected a day of the Gregorian calendar such as 2026-11-20, from 2000 on',
      expect.stringMatching(/^minTotalCost CurrencyRequired/),
    ]);
    expect(await codes('from=2026-11-05&to=2026-12-01&csvSeparator=tab')).toEqual([
      'csvSeparator InvalidParameter: needs format=csv',
      'from InvalidParameter: lies in the future',
      'to InvalidParameter: lies in the future',
    ]);
    expect(await codes('from=2026-11-03&to=2026-11-01')).toEqual([expect.stringContaining('InvalidRange')]);
    expect(await codes('from=2025-09-29&to=2026-11-03')).toEqual([
      expect.stringContaining('span 401 days; expected at most 400'),
    ]);
    expect((await get('from=2025-09-30&to=2026-11-03')).status).toBe(200);
  });

  it('counts the days again on every day, for a range that ends today', async () => {
    const { get, list } = await createStory();
    const query = `customerId=${one}&from=2025-09-30`;
    expect((await get(query)).status).toBe(200);
    await list('2026-11-04', { cost: '1.30' });
    expect(await get(query)).toMatchObject({ status: 400, json: { code: 'InvalidRange' } });
  });

  it('takes the filters of today, up to 50 customers', async () => {
    const { get, list } = createService('2026-11-02T08:00:00Z');
    const many = Array.from({ length: 51 }, (_, number) => ({
      id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      cost: '1',
      percent: String(number),
    }));
    await list('2026-11-02', ...many);
    expect(await get('')).toMatchObject({ status: 400, json: { code: 'TooManyCustomers' } });
    expect(await get('minPercentUsed=1')).toMatchObject({ status: 200, json: { totalCount: 100 } });
    expect(await get('isUpgraded=false')).toMatchObject({ status: 200, json: { totalCount: 0, value: [] } });
  });

  it('shows what can be read of an odd record, today and on earlier days', async () => {
    const { getPoints, list } = createService('2026-11-02T08:00:00Z');
    const odd = { id: two, cost: '2', more: ',"isUpgraded":"yes","currencyCode":5,"lastModifiedDate":0' };
    await list('2026-11-02', { cost: '1' }, odd);
    await list('2026-11-03', { cost: '3' }, odd);
    const readable = { isUpgraded: null, totalCostText: '2', percentUsed: 50, budgetAmount: 20.5, missing: false };
    const unreadable = { period: null, currencyCode: '', dailyCost: null };
    const days = ['2026-11-02', '2026-11-03'];
    expect(await getPoints(`customerId=${two}&from=2026-11-02`)).toMatchObject(
      days.map((date) => ({ date, ...readable, ...unreadable })),
    );
  });

  it('takes the kind of plan as a filter beside customers, also for those that the list has no more', async () => {
    const { getPoints, list } = createService('2026-11-02T08:00:00Z');
    await list('2026-11-02', { cost: '1' }, { id: two, cost: '2', more: ',"isUpgraded":false' });
    await list('2026-11-03', { cost: '1.5' });
    const customersOf = async (isUpgraded: boolean) => {
      const points = await getPoints(`customerId=${one},${two}&isUpgraded=${isUpgraded}&from=2026-11-02`);
      return points.map(({ customerId, totalCostText }) => [customerId, totalCostText]);
    };
    expect(await customersOf(true)).toEqual([
      [one, '1'],
      [one, '1.5'],
    ]);
    expect(await customersOf(false)).toEqual([
      [two, '2'],
      [two, ''],
    ]);
  });

  it('answers 406 to who takes neither JSON nor CSV, and 400 when the query is wrong too', async () => {
    const { get } = await createStory();
    const asked = { headers: { accept: 'image/png' } };
    expect(await get(`customerId=${one}`, asked)).toMatchObject({ status: 406, json: { code: 'NotAcceptable' } });
    expect(await get('top=5', asked)).toMatchObject({ status: 400, json: { code: 'UnknownParameter' } });
  });

  it('answers 503 while storage is down, and the list goes on; days that were read are still told', async () => {
    const { get, memory, handlerOf } = await createStory();
    expect((await get(`customerId=${one}`)).status).toBe(200);
    memory.beforeEach((operation) => {
      if (/readStart|readRange/.test(operation)) throw new DependencyError('StorageUnavailable', 'storage is down');
    });
    expect((await get(`customerId=${one}&from=2026-11-02`)).status).toBe(200);
    expect(await get(`customerId=${one}&from=2026-09-01`)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      json: { code: 'StorageUnavailable' },
    });
    expect((await invoke(handlerOf('usage-records'), '/api/customers/usagerecords')).status).toBe(200);
  });

  it('shows a gap for a damaged block or index, and logs it', async () => {
    const { get, getPoints, memory } = await createStory();
    const blob = 'history/2026-10.ndjson.gz';
    const month = memory.written.get(blob);
    const bytes = Buffer.from(month?.bytes ?? '');
    bytes.fill(0, bytes.length - 20);
    memory.written.set(blob, { bytes, etag: month?.etag ?? '' });
    const query = `customerId=${one}&from=2026-10-30&to=2026-11-02`;
    expect((await get(query)).events).toContainEqual(expect.objectContaining({ event: 'history.damaged', blob }));
    expect((await getPoints(query)).map(({ missing }) => missing)).toEqual([true, true, true, false]);

    memory.written.set(blob, { bytes: Buffer.from('no history'), etag: month?.etag ?? '' });
    const fresh = createService('2026-11-03T08:30:00Z', memory);
    expect((await fresh.getPoints(query)).map(({ missing }) => missing)).toEqual([true, true, true, false]);
  });

  it('reads again what was replaced since it read the index', async () => {
    const { get, getPoints, memory } = await createStory();
    await get(`customerId=${one}&from=2026-11-02`);
    for (const [blob, { bytes }] of memory.written) memory.written.set(blob, { bytes, etag: '"rebuilt"' });
    expect(await getPoints(`customerId=${two}&from=2026-10-30&to=2026-10-30`)).toMatchObject([{ totalCostText: '7' }]);
  });

  it('reads again only the month that was replaced', async () => {
    const { get, getPoints, memory } = await createStory();
    const range = 'from=2026-10-30&to=2026-11-02';
    // Reads the indexes and no block.
    await get(`search=nobody&${range}`);
    const { bytes = Buffer.alloc(0) } = memory.written.get('history/2026-10.ndjson.gz') ?? {};
    memory.written.set('history/2026-10.ndjson.gz', { bytes, etag: '"rebuilt"' });
    memory.operations.length = 0;
    const points = await getPoints(`customerId=${two}&${range}`);
    expect(points.map((point) => point['totalCostText'])).toEqual(['7', '', '', '1e1']);
    expect(memory.operations.filter((each) => each.startsWith('readStart'))).toEqual([
      'readStart history/2026-10.ndjson.gz',
    ]);
  });
});
