import { describe, expect, it } from 'vitest';
import { createUsageRow, findListDay } from '../../local/cloud/partner-center/usage-data.ts';
import { startTestCloud } from './test-cloud.ts';

const cloud = await startTestCloud({ customers: 60 });
const { access_token: token } = await cloud.exchange();

describe('GET /v1/customers/usagerecords', () => {
  it('serves the four documented records first, digit for digit, in the documented envelope', async () => {
    const correlationId = '5f1e4a54-7c55-4a51-8a3e-2c3c7d9f0b11';
    const response = await cloud.usage(token, { 'ms-correlationid': correlationId });
    const text = await response.text();

    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('ms-correlationid')).toBe(correlationId);
    expect(response.headers.get('ms-requestid')).toMatch(/^[\da-f-]{36}$/);
    const [first = '', second = '', third = '', fourth = ''] = text.split('\n');
    expect(first).toContain('"resourceName": "LEGACY AZURE CUSTOMER SE"');
    expect(first).toContain('"currencyLocale": "fr-FR"');
    expect(first).toContain('"customerSpendingBudget": {"attributes"');
    expect(second).toContain('"totalCost": 120.5682999999995904716, "currencyCode": "SEK"');
    expect(second).toContain('"usdTotalCost": 12.39999999999999985235,');
    expect(third).toContain('"resourceName": "Test_Test_MA20190829_14"');
    expect(fourth).toContain('"totalCost": 27.23292827625710931604, "currencyCode": "GBP"');
    expect(fourth).toContain('"usdTotalCost": 33.280000000000001044,');
    expect(JSON.parse(text)).toMatchObject({
      totalCount: 60,
      links: { self: { uri: '/customers/usagerecords', method: 'GET', headers: [] } },
      attributes: { objectType: 'Collection' },
    });
  });

  it('answers in gzip whom asks for it, and a tenth as long', async () => {
    const [gzip, plain] = await Promise.all(
      ['gzip', 'identity'].map((coding) => cloud.usage(token, { 'accept-encoding': coding })),
    );

    expect([gzip, plain].map((response) => response?.headers.get('content-encoding'))).toEqual(['gzip', null]);
    expect(await gzip?.text()).toBe(await plain?.text());
    const lengths = [gzip, plain].map((response) => Number(response?.headers.get('content-length')));
    expect(Number(lengths[0]) * 5).toBeLessThan(Number(lengths[1]));
  });

  it('answers the same bytes twice a day', async () => {
    const [one, two] = await Promise.all([cloud.usage(token), cloud.usage(token)]);

    expect(await one.text()).toBe(await two.text());
  });

  it('has no date after its now, and one customer with a legacy and a plan row', async () => {
    const { items } = await cloud.collection(token);
    const { clock } = await cloud.control();

    expect(items.filter((item) => Date.parse(item.lastModifiedDate) > Date.parse(clock.now))).toEqual([]);
    const twice = items.filter((item) => item.resourceId === items[9]?.resourceId);
    expect(twice.map((item) => item.isUpgraded)).toEqual([false, true]);
  });

  it('shows a changed record from then on, with the digits it was given', async () => {
    const customerId = '11111111-641B-4c53-b7fc-0f2bfca8a581';
    const raw = { totalCost: '96.99999999999999999999' };
    await cloud.control({ setRecord: { customerId, members: { budget: { amount: 50 } }, raw, remove: ['name'] } });
    const text = await (await cloud.usage(token)).text();

    const changed = text.split('\n')[3];
    expect(changed).toContain('"budget": {"amount":50}');
    expect(changed).toContain('"totalCost": 96.99999999999999999999,');
    expect(changed).not.toContain('"name"');
  });

  it('lists as many records as the control says', async () => {
    await cloud.control({ customers: 7 });
    const { totalCount, items } = await cloud.collection(token);

    expect([totalCount, items.length]).toEqual([7, 7]);
  });

  it('refuses a request without a token', async () => {
    const response = await fetch(`${cloud.api}/v1/customers/usagerecords`);

    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: '400' });
  });
});

/** What a record says it cost by a day of November. */
const costOn = (date: number, number: number) => Number(createUsageRow(number, Date.UTC(2026, 10, date))['totalCost']);

describe('createUsageRow', () => {
  const numbers = Array.from({ length: 2000 }, (_, number) => number);
  const costsOn = (day: number) => numbers.map((number) => Number(createUsageRow(number, day)['totalCost']));

  it('grows from day to day within a month', () => {
    const [early, later] = [costsOn(Date.UTC(2026, 10, 10)), costsOn(Date.UTC(2026, 10, 11))];

    expect(later.filter((cost, number) => cost < (early[number] ?? 0))).toEqual([]);
    expect(later.filter((cost, number) => cost > (early[number] ?? 0)).length).toBeGreaterThan(1500);
  });

  it('has one customer in a hundred that spends on the 20th what it spends in more than ten days', () => {
    const days = Array.from({ length: 29 }, (_, at) => at + 2);
    const jumpDays = (number: number) =>
      days.filter((date) => costOn(date, number) - costOn(date - 1, number) > costOn(30, number) / 5);

    expect(numbers.slice(0, 140).filter((number) => jumpDays(number).length > 0)).toEqual([33, 133]);
    expect(jumpDays(33)).toEqual([20]);
  });

  it('makes every row JSON, with both kinds, both with and without a budget, over and under it', () => {
    const rows = numbers.map((number) => createUsageRow(number, Date.UTC(2026, 10, 28)));
    for (const text of rows.flatMap((row) => Object.values(row))) JSON.parse(text);
    const kinds = rows.map((row) => {
      const budget = row['budget']?.includes('amount') ? 'budget' : 'none';
      const over = Number(row['percentUsed']) > 100 ? 'over' : 'under';
      return `${row['isUpgraded']} ${budget} ${over}`;
    });

    expect([...new Set(kinds)].toSorted()).toEqual([
      'false budget over',
      'false budget under',
      'false none under',
      'true budget over',
      'true budget under',
      'true none under',
    ]);
  });
});

describe('findListDay', () => {
  it('keeps the old month for six hours after its turn', () => {
    expect(findListDay(Date.parse('2026-12-01T05:59:59Z'))).toBe(Date.UTC(2026, 10, 30));
    expect(findListDay(Date.parse('2026-12-01T06:00:00Z'))).toBe(Date.UTC(2026, 11, 1));
  });
});
