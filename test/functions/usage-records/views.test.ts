import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { invoke } from '../../support/functions/invocation.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload } from '../../support/lists/usage-rows.ts';
import type { TestRow } from '../../support/lists/usage-rows.ts';

const list = '/api/customers/usagerecords';
const mid = '2026-11-16T00:00:00.0000000+00:00';
const rows: TestRow[] = [
  { name: '=cmd|x', totalCost: 300, budget: 400, percentUsed: 75, lastModifiedDate: mid },
  { name: 'Within', totalCost: 10, budget: 400, percentUsed: 2.5, lastModifiedDate: mid },
  { name: 'Over', totalCost: 500, budget: 400, percentUsed: 125, lastModifiedDate: mid },
  { name: 'No budget', totalCost: 7, lastModifiedDate: mid },
  { name: 'Early', totalCost: 99, budget: 100, percentUsed: 99, lastModifiedDate: '2026-11-02T00:00:00Z' },
  { name: 'October', totalCost: 900, budget: 1, percentUsed: 90000, lastModifiedDate: '2026-10-30T00:00:00Z' },
];

async function warmed(options: Parameters<typeof createUsageFunctions>[0] = {}) {
  const functions = createUsageFunctions(options);
  functions.rig.serve(() => Promise.resolve(createDownload(rows)));
  await functions.refresh();
  return functions;
}

type Values = readonly Readonly<Record<string, unknown>>[];

function valuesOf({ json }: { readonly json: unknown }): Values {
  return Object(json).value;
}

describe('view=flat', () => {
  it('answers flat rows in the list’s envelope', async () => {
    const functions = await warmed();
    const answer = await invoke(functions.list, `${list}?view=flat&top=1`);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      json: { totalCount: 6, snapshot: { period: '2026-11', estimate: true } },
    });
    expect(valuesOf(answer)).toStrictEqual([
      {
        customerId: '00000000-0000-4000-8000-000000000000',
        customerName: '=cmd|x',
        period: '2026-11',
        hasBudget: true,
        budgetAmount: 400,
        percentUsed: 75,
        totalCost: 300,
        totalCostText: '300',
        currencyCode: 'EUR',
        usdTotalCost: 0,
        isUpgraded: true,
        lastModifiedDate: mid,
        pacePercent: 150,
        projectedMonthEndCost: 600,
        forecastConfidence: 'high',
        budgetStatus: 'ok',
      },
    ]);
  });

  it.each([
    ['projectedOverBudget=true', ['=cmd|x', 'Over']],
    ['projectedOverBudget=false', ['Within']],
    ['orderby=pacePercent%20desc', ['Early', 'Over', '=cmd|x', 'Within', 'No budget', 'October']],
    ['orderby=projectedMonthEndCost&currencyCode=EUR', ['October', 'No budget', 'Within', '=cmd|x', 'Over', 'Early']],
  ])('with %s answers %j', async (query, names) => {
    const functions = await warmed();
    const answer = await invoke(functions.list, `${list}?view=flat&select=customerName&${query}`);
    expect(valuesOf(answer)).toStrictEqual(names.map((customerName) => ({ customerName })));
  });

  it('gives only the fields selected, in their own order, page by page', async () => {
    const functions = await warmed();
    const first = await invoke(functions.list, `${list}?view=flat&select=budgetStatus,customerName&maxpagesize=4`);
    const second = await invoke(functions.list, `${list}${new URL(Object(first.json).nextLink).search}`);
    expect(second.body).toContain(
      '{"value":[{"customerName":"Early","budgetStatus":"warning"},{"customerName":"October","budgetStatus":"over"}],',
    );
  });

  it('has an ETag of its own, which moves with the limits of the status', async () => {
    const tags = new Set<string | undefined>();
    for (const warningPercent of [80, 90]) {
      const functions = await warmed({ budgetLimits: { warningPercent, overPercent: 100 } });
      for (const query of ['', '?view=flat', '?format=csv', '?view=flat&select=customerId']) {
        const { headers } = await invoke(functions.list, `${list}${query}`);
        tags.add(headers['etag']);
        const again = await invoke(functions.list, `${list}${query}`, {
          headers: { 'if-none-match': headers['etag'] ?? '' },
        });
        expect(again).toMatchObject({ status: 304, body: '' });
      }
    }
    expect(tags.size).toBe(7);
  });
});

describe('format=csv', () => {
  it('is a file of all rows, named by period and fetch time', async () => {
    const functions = await warmed();
    const answer = await invoke(functions.list, `${list}?format=csv`);
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="usage-2026-11-20261120T120000Z.csv"',
        'content-length': String(Buffer.byteLength(answer.body)),
        'cache-status': 'usage; hit; ttl=5400; detail=fresh; period="2026-11"',
      },
    });
    expect(answer.headers).not.toHaveProperty('link');
    expect(answer.body.startsWith('\uFEFFcustomerId,customerName,')).toBe(true);
    const cells: { customerName: string }[] = parse(answer.body, { bom: true, columns: true });
    expect(cells.map(({ customerName }) => customerName)).toStrictEqual([
      "'=cmd|x",
      'Within',
      'Over',
      'No budget',
      'Early',
      'October',
    ]);
  });

  it('is the same for Accept: text/csv', async () => {
    const functions = await warmed();
    const [asked, accepted] = [
      await invoke(functions.list, `${list}?format=csv`),
      await invoke(functions.list, list, { headers: { accept: 'text/csv' } }),
    ];
    expect(accepted.body).toBe(asked.body);
    expect(accepted.headers['etag']).toBe(asked.headers['etag']);
  });

  it('keeps filters, order, fields and separator from page to page by Link', async () => {
    const functions = await warmed({ publicBaseUrl: 'https://usage.contoso.com' });
    const query = 'hasBudget=true&orderby=customerName&select=totalCostText,customerName&csvSeparator=semicolon';
    const pages: string[] = [];
    for (let path: string | undefined = `${list}?${query}&maxpagesize=2`; path !== undefined;) {
      const { body, headers } = await invoke(functions.list, path, { headers: { accept: 'text/csv' } });
      pages.push(body);
      const [, link] = /^<https:\/\/usage\.contoso\.com([^>]+)>; rel="next"$/.exec(headers['link'] ?? '') ?? [];
      path = link;
    }
    expect(pages).toStrictEqual([
      "\uFEFFcustomerName;totalCostText\r\n'=cmd|x;300\r\nEarly;99\r\n",
      '\uFEFFcustomerName;totalCostText\r\nOctober;900\r\nOver;500\r\n',
      '\uFEFFcustomerName;totalCostText\r\nWithin;10\r\n',
    ]);
  });

  it('is refused of full records, by name', async () => {
    const functions = await warmed();
    expect(await invoke(functions.list, `${list}?format=csv&view=full`)).toMatchObject({
      status: 400,
      json: { code: 'InvalidParameter', errors: [{ parameter: 'view' }] },
    });
    const nothing = { headers: { accept: 'image/png' } };
    expect(await invoke(functions.list, `${list}?view=full&top=0`, nothing)).toMatchObject({ status: 400 });
    expect(await invoke(functions.list, `${list}?view=full`, nothing)).toMatchObject({
      status: 406,
      json: { detail: 'Send no Accept header, or one that takes application/json.' },
    });
    expect(await invoke(functions.list, `${list}?select=customerId`)).toMatchObject({
      status: 400,
      json: { code: 'InvalidSelect' },
    });
  });
});

describe('GET /api/customers/usagerecords/{customerId}', () => {
  const customerId = '00000000-0000-4000-8000-000000000002';

  it('answers flat rows and CSV too', async () => {
    const { customer } = await warmed();
    const ask = async (query: string) => invoke(customer, `${list}/${customerId}?${query}`, { params: { customerId } });
    expect(valuesOf(await ask('view=flat&select=customerName,pacePercent'))).toStrictEqual([
      { customerName: 'Over', pacePercent: 250 },
    ]);
    expect((await ask('format=csv&select=customerName,totalCost&csvSeparator=tab')).body).toBe(
      '\uFEFFcustomerName\ttotalCost\r\nOver\t500\r\n',
    );
  });
});
