import { describe, expect, it } from 'vitest';
import { summaryParameters } from '../../shared/query/select.ts';
import { invoke } from '../support/functions/invocation.ts';
import { createUsageFunctions } from '../support/functions/usage-functions.ts';
import { createDownload } from '../support/lists/usage-rows.ts';
import { snapshotOfLines } from '../snapshot/records.ts';

const route = '/api/usagesummary';
const date = '"lastModifiedDate":"2026-11-16T00:00:00Z"';
const lines = [
  `{"id":"a","name":"One","isUpgraded":true,"currencyCode":"SEK","totalCost":120.5682999999995904716,"budget":{"amount":20},"percentUsed":602.84,"usdTotalCost":12.39999999999999985235,${date}}`,
  `{"id":"a","name":"One","isUpgraded":false,"currencyLocale":"fr-FR","totalCost":0.10,"budget":{},"percentUsed":0,"usdTotalCost":0,${date}}`,
  `{"id":"b","name":"Two","isUpgraded":true,"currencyCode":"SEK","totalCost":1e-20,"budget":{"amount":80.50},"percentUsed":80,"usdTotalCost":null,${date}}`,
  `{"id":"c","name":"Three","isUpgraded":false,"totalCost":5,"percentUsed":0,${date}}`,
];

async function warmed() {
  const functions = createUsageFunctions();
  functions.rig.serve(() =>
    Promise.resolve({ ...createDownload([]), snapshot: snapshotOfLines(lines), totalCount: 4 }),
  );
  await functions.refresh();
  return functions;
}

describe('GET /api/usagesummary', () => {
  it('answers exact totals, as numbers and as text', async () => {
    const { summary } = await warmed();
    const answer = await invoke(summary, route);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } });
    const snapshot =
      '{"period":"2026-11","fetchedAt":"2026-11-20T12:00:00.000Z","state":"fresh","recordCount":4,"estimate":true}';
    expect(answer.body).toBe(
      '{"value":[{"currencyCode":"SEK","customers":2,"rows":2,"totalCost":120.56829999999959047161,"totalCostText":"120.56829999999959047161",' +
        '"budgetAmount":100.5,"budgetAmountText":"100.5","withBudget":2,"withoutBudget":0,"overWarning":2,"overBudget":1,"spendingWithoutBudget":0,"unknownTotalCost":0,"unknownBudget":0}],' +
        '"withoutCurrencyCode":[{"currencyLocale":"","customers":1,"rows":1,"totalCost":null,"totalCostText":"","budgetAmount":null,"budgetAmountText":"",' +
        '"withBudget":0,"withoutBudget":1,"overWarning":0,"overBudget":0,"spendingWithoutBudget":1,"unknownTotalCost":0,"unknownBudget":0},' +
        '{"currencyLocale":"fr-FR","customers":1,"rows":1,"totalCost":0.1,"totalCostText":"0.1","budgetAmount":0,"budgetAmountText":"0",' +
        '"withBudget":0,"withoutBudget":1,"overWarning":0,"overBudget":0,"spendingWithoutBudget":1,"unknownTotalCost":0,"unknownBudget":0}],' +
        '"usd":{"usdTotalCost":12.39999999999999985235,"usdTotalCostText":"12.39999999999999985235","rows":1,"rowsWithout":3},' +
        `"byKind":{"azurePlan":{"customers":2,"rows":2},"legacy":{"customers":2,"rows":2}},"customers":3,"totalCount":4,"snapshot":${snapshot}}`,
    );
  });

  it.each([
    ['hasBudget=true', 2],
    ['currencyCode=none', 2],
    ['currencyCode=SEK&minTotalCost=1', 1],
    ['search=two', 1],
    ['projectedOverBudget=true', 1],
    ['customerId=99999999-9999-4999-8999-999999999999', 0],
  ])('takes the filter %s', async (query, totalCount) => {
    const { summary } = await warmed();
    expect(await invoke(summary, `${route}?${query}`)).toMatchObject({ status: 200, json: { totalCount } });
  });

  it('takes the filters of the list, a day or a month, and nothing else', async () => {
    expect(summaryParameters).toStrictEqual([
      'api-version',
      'asOf',
      'period',
      'minPercentUsed',
      'maxPercentUsed',
      'hasBudget',
      'isUpgraded',
      'currencyCode',
      'minTotalCost',
      'maxTotalCost',
      'minUsdTotalCost',
      'maxUsdTotalCost',
      'customerId',
      'search',
      'modifiedSince',
      'projectedOverBudget',
    ]);
    const { summary } = await warmed();
    for (const query of ['top=1', 'orderby=totalCost', 'select=customerId', 'view=flat', 'format=csv', 'cursor=x']) {
      expect(await invoke(summary, `${route}?${query}`)).toMatchObject({
        status: 400,
        json: { code: 'UnknownParameter' },
      });
    }
    expect((await invoke(summary, route, { headers: { accept: 'text/csv' } })).status).toBe(406);
  });

  it('is answered 304 to who holds it', async () => {
    const { summary } = await warmed();
    const { headers } = await invoke(summary, `${route}?hasBudget=true`);
    for (const held of [
      { 'if-none-match': headers['etag'] ?? '' },
      { 'if-modified-since': 'Fri, 20 Nov 2026 12:00:00 GMT' },
    ]) {
      expect(await invoke(summary, `${route}?hasBudget=true`, { headers: held })).toMatchObject({
        status: 304,
        body: '',
        headers: { etag: headers['etag'], 'last-modified': 'Fri, 20 Nov 2026 12:00:00 GMT' },
      });
    }
    expect((await invoke(summary, route, { headers: { 'if-none-match': headers['etag'] ?? '' } })).status).toBe(200);
  });
});
