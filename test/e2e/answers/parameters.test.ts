import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';
import { parseUsageList } from './usage-oracle.ts';
import type { UsageRow } from './usage-oracle.ts';

const list = '/api/customers/usagerecords';
const modernSe = '11111111-6fb9-4b05-8f15-b3d72e0596e6';
const modernUk = '11111111-641b-4c53-b7fc-0f2bfca8a581';
const nobody = '99999999-9999-4999-8999-999999999999';

type Params = Readonly<Record<string, string>>;

let stage: Stage;
let app: App;
let all: UsageRow[];

beforeAll(async () => {
  stage = await startStage({ customers: 240 });
  app = await stage.startApp();
  await app.tick();
  all = parseUsageList(await app.get(`${list}?maxpagesize=10000`)).value;
});
afterAll(() => stage.end());

async function ask(params: Params) {
  return parseUsageList(
    await app.get(`${list}?${new URLSearchParams({ maxpagesize: '10000', ...params }).toString()}`),
  );
}

function hasBudget({ budget }: UsageRow): boolean {
  return budget.amount !== undefined;
}

function hasCurrency(...codes: string[]) {
  return ({ currencyCode }: UsageRow) => codes.includes(currencyCode ?? 'none');
}

describe('a filter of GET /api/customers/usagerecords', () => {
  it.each<[Params, (row: UsageRow) => boolean]>([
    [{ minPercentUsed: '80' }, (row) => hasBudget(row) && row.percentUsed >= 80],
    [{ minPercentUsed: '0' }, hasBudget],
    [{ minPercentUsed: '-0' }, hasBudget],
    [{ maxPercentUsed: '50.5' }, (row) => hasBudget(row) && row.percentUsed <= 50.5],
    [{ maxPercentUsed: '1000000' }, hasBudget],
    [{ minPercentUsed: '28.08', maxPercentUsed: '28.0800' }, (row) => hasBudget(row) && row.percentUsed === 28.08],
    [{ hasBudget: 'true' }, hasBudget],
    [{ hasBudget: 'false' }, (row) => !hasBudget(row)],
    [{ isUpgraded: 'true' }, (row) => row.isUpgraded],
    [{ isUpgraded: 'false' }, (row) => !row.isUpgraded],
    [{ currencyCode: 'EUR' }, hasCurrency('EUR')],
    [{ currencyCode: 'SEK, GBP,SEK' }, hasCurrency('SEK', 'GBP')],
    [{ currencyCode: 'none' }, hasCurrency('none')],
    [{ currencyCode: 'none,JPY' }, hasCurrency('none', 'JPY')],
    [{ minTotalCost: '27.2329', currencyCode: 'GBP' }, (row) => hasCurrency('GBP')(row) && row.totalCost >= 27.2329],
    [{ maxTotalCost: '120.5683', currencyCode: 'SEK' }, (row) => hasCurrency('SEK')(row) && row.totalCost <= 120.5683],
    [{ minTotalCost: '-5', currencyCode: 'PLN' }, hasCurrency('PLN')],
    [
      { minTotalCost: '120', maxTotalCost: '121', currencyCode: 'SEK' },
      (row) => hasCurrency('SEK')(row) && row.totalCost >= 120 && row.totalCost <= 121,
    ],
    [{ minUsdTotalCost: '12.4' }, (row) => row.isUpgraded && row.usdTotalCost >= 12.4],
    [{ minUsdTotalCost: '0' }, (row) => row.isUpgraded],
    [{ maxUsdTotalCost: '33.28' }, (row) => row.isUpgraded && row.usdTotalCost <= 33.28],
    [{ customerId: modernSe }, (row) => row.resourceId === modernSe],
    [
      { customerId: `${modernUk}, ${nobody},${modernSe.toUpperCase()}` },
      (row) => [modernSe, modernUk].includes(row.resourceId),
    ],
    [{ search: 'cOnToSo' }, (row) => row.resourceName.includes('Contoso')],
    [{ search: 'ｃｏｎｔｏｓｏ' }, (row) => row.resourceName.includes('Contoso')],
    [{ search: 'STRASSE' }, (row) => row.resourceName.includes('Straße')],
    [{ search: 'e\u0301te\u0301' }, (row) => row.resourceName.includes('Été')],
    [{ search: 'ΑΘΉΝΑ' }, (row) => row.resourceName.includes('Αθήνα')],
    [{ search: '東京' }, (row) => row.resourceName.includes('東京')],
    [{ search: '+1-2@SUM(A1:A9)' }, (row) => row.resourceName === '+1-2@SUM(A1:A9)'],
    [
      { hasBudget: 'true', isUpgraded: 'true', currencyCode: 'EUR,USD,GBP', search: 'a', minUsdTotalCost: '1' },
      (row) =>
        hasBudget(row) &&
        row.isUpgraded &&
        hasCurrency('EUR', 'USD', 'GBP')(row) &&
        /a/i.test(row.resourceName.normalize('NFKC')) &&
        row.usdTotalCost >= 1,
    ],
  ])('%o answers the rows that match, in upstream order', async (params, keep) => {
    const expected = all.filter(keep);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(all.length);
    const answer = await ask(params);
    expect(answer.value).toEqual(expected);
    expect(answer.totalCount).toBe(expected.length);
    expect(answer).not.toHaveProperty('nextLink');
  });

  it.each<Params>([
    { search: 'no such customer' },
    { customerId: nobody },
    { currencyCode: 'XXX' },
    { minPercentUsed: '999999' },
    { hasBudget: 'false', maxPercentUsed: '0' },
  ])('%o answers an empty list with 200', async (params) => {
    expect(await ask(params)).toMatchObject({ value: [], totalCount: 0 });
  });

  it('customerId finds both rows of a customer, and ids that upstream wrote in upper case', async () => {
    const ids = all.map(({ resourceId }) => resourceId);
    const twice = ids.find((id, position) => ids.indexOf(id) !== position) ?? '';
    const upper = ids.find((id) => id !== id.toLowerCase()) ?? '';
    const answer = await ask({ customerId: `${upper.toLowerCase()},${twice}` });
    expect(answer.value).toEqual(all.filter(({ resourceId }) => [twice, upper].includes(resourceId)));
    expect(answer.value).toHaveLength(3);
  });

  it('customerId takes 50 ids', async () => {
    const ids = [...new Set(all.map(({ resourceId }) => resourceId))].slice(0, 50);
    const answer = await ask({ customerId: ids.join(',') });
    expect(answer.value).toEqual(all.filter(({ resourceId }) => ids.includes(resourceId)));
  });

  it('modifiedSince takes rows of that very instant and later, in whatever offset it is written', async () => {
    const newest = Math.max(...all.map(({ lastModifiedDate }) => Date.parse(lastModifiedDate)));
    const expected = all.filter(({ lastModifiedDate }) => Date.parse(lastModifiedDate) >= newest);
    expect(expected.length).toBeLessThan(all.length);
    const utc = new Date(newest).toISOString();
    const inDelhi = new Date(newest + 5.5 * 3_600_000).toISOString().replace('Z', '+05:30');
    for (const modifiedSince of [utc, inDelhi]) expect((await ask({ modifiedSince })).value).toEqual(expected);
    const later = new Date(newest + 1).toISOString();
    expect((await ask({ modifiedSince: later })).value).toEqual([]);
    expect((await ask({ modifiedSince: '2000-01-01T00:00:00Z' })).totalCount).toBe(all.length);
  });
});

describe('the contract parameters of GET /api/customers/usagerecords', () => {
  it.each<Params>([
    { 'api-version': '2026-11-01' },
    { view: 'full' },
    { format: 'json' },
    { 'api-version': '2026-11-01', view: 'full', format: 'json', skip: '0', maxpagesize: '1000' },
  ])('%o says what is said without it, so the answer and its ETag stay the same', async (params) => {
    const plain = await app.get(list);
    const reply = await app.get(`${list}?${new URLSearchParams(params).toString()}`);
    expect(reply.body).toBe(plain.body);
    expect(reply.headers.etag).toBe(plain.headers.etag);
  });
});
