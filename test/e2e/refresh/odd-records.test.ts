import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filterEvents, list, listOutcomes, getSnapshot } from '../faults/fault-walk.ts';
import { startStage } from '../stage/stage.ts';
import type { App, AppEvent, Stage } from '../stage/stage.ts';

/** The documented customers: a legacy row without a budget, SEK with 602.84 % of 20, GBP without a budget, GBP with 28.08 % of 97. */
const sek = '11111111-6fb9-4b05-8f15-b3d72e0596e6';
const gbp = '11111111-641b-4c53-b7fc-0f2bfca8a581';

let stage: Stage;
let app: App;
let events: AppEvent[];

const customers = 250;
const valuesOf = (json: unknown): readonly Readonly<Record<string, unknown>>[] => Object(json).value;

async function ask(query: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { status, body, json } = await app.get(`${list}${query}`);
  if (status !== 200) throw new Error(body);
  return valuesOf(json);
}

async function change(customerId: string, raw: Readonly<Record<string, string>>): Promise<void> {
  await stage.control({ setRecord: { customerId, raw } });
}

beforeAll(async () => {
  stage = await startStage({ customers });
  await stage.advanceToDay(10, 6.5);
  app = await stage.startApp({ USAGE_REFRESH_INTERVAL_MINUTES: '5' });
  await app.tick();
  await change(sek, { percentUsed: 'null', totalCost: '"12 kr"' });
  await change(gbp, { budget: '97', currencyCode: '826', isUpgraded: '"yes"', lastModifiedDate: '"yesterday"' });
  await stage.advanceHours(0.1);
  app.takeEvents();
  await app.tick();
  events = app.takeEvents();
});
afterAll(() => stage.end());

describe('a list with two odd records of 250', () => {
  it('is published, and the log says once how many are odd and in which members', () => {
    expect(listOutcomes(events)).toEqual(['refresh.published']);
    expect(filterEvents(events, 'upstream.odd-records')).toMatchObject([
      {
        oddRecordCount: 2,
        recordCount: 250,
        member: 'budget,currencyCode,isUpgraded,lastModifiedDate,percentUsed,totalCost',
      },
    ]);
    expect(filterEvents(events, 'events.found')).toEqual([]);
  });

  it('is served as it came in full', async () => {
    const { body, json } = await app.get(`${list}?customerId=${sek}`);
    expect(body).toContain('"percentUsed":null,');
    expect(body).toContain('"totalCost":"12 kr",');
    expect(getSnapshot(await app.get(list))).toMatchObject({ state: 'fresh', recordCount: 250 });
    expect(valuesOf(json)).toMatchObject([{ budget: { amount: 20 }, usdTotalCost: 12.4 }]);
  });

  it('has null for what cannot be read in flat rows, and empty cells in CSV', async () => {
    expect(await ask(`?customerId=${sek}&view=flat`)).toMatchObject([
      {
        hasBudget: true,
        budgetAmount: 20,
        percentUsed: null,
        totalCost: null,
        totalCostText: '',
        currencyCode: 'SEK',
        usdTotalCost: 12.4,
        pacePercent: null,
        projectedMonthEndCost: null,
        forecastConfidence: 'none',
        budgetStatus: 'unknown',
      },
    ]);
    expect(await ask(`?customerId=${gbp}&view=flat`)).toEqual([
      {
        customerId: gbp,
        customerName: 'Modern Azure Customer UK',
        period: null,
        hasBudget: null,
        budgetAmount: null,
        percentUsed: null,
        totalCost: 27.232928276257109,
        totalCostText: '27.23292827625710931604',
        currencyCode: '',
        usdTotalCost: null,
        isUpgraded: null,
        lastModifiedDate: null,
        pacePercent: null,
        projectedMonthEndCost: null,
        forecastConfidence: 'none',
        budgetStatus: 'unknown',
      },
    ]);
    const { body } = await app.get(`${list}?customerId=${gbp}&format=csv`);
    expect(body.split('\r\n')[1]).toBe(
      `${gbp},Modern Azure Customer UK,,,,,27.23292827625710931604,27.23292827625710931604,,,,,,,none,unknown`,
    );
  });

  it.each([
    ['minPercentUsed=0', sek],
    ['maxPercentUsed=1000000', sek],
    ['currencyCode=SEK&minTotalCost=-1000', sek],
    ['currencyCode=SEK&maxTotalCost=1000000000', sek],
    ['view=flat&projectedOverBudget=true', sek],
    ['view=flat&projectedOverBudget=false', sek],
    ['hasBudget=true', gbp],
    ['hasBudget=false', gbp],
    ['isUpgraded=true', gbp],
    ['isUpgraded=false', gbp],
    ['minUsdTotalCost=-1000', gbp],
    ['currencyCode=none', gbp],
    ['modifiedSince=2000-01-01T00:00:00Z', gbp],
  ])('matches no %s', async (filter, customerId) => {
    expect(await ask(`?${filter}&customerId=${customerId}`)).toEqual([]);
  });

  it('is a warning of health', async () => {
    expect((await app.get('/api/health/ready')).json).toMatchObject({
      status: 'warn',
      warnings: ['odd-records'],
      snapshot: { recordCount: 250, oddRecordCount: 2 },
    });
  });
});
