import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { App, Reply, Stage } from '../stage/stage.ts';
import { parseUsageList } from './usage-oracle.ts';
import type { UsageRow } from './usage-oracle.ts';

const list = '/api/customers/usagerecords';

type FlatRow = {
  readonly customerId: string;
  readonly customerName: string;
  readonly hasBudget: boolean;
  readonly budgetAmount: number | null;
  readonly totalCost: number;
  readonly totalCostText: string;
  readonly currencyCode: string;
  readonly pacePercent: number | null;
  readonly projectedMonthEndCost: number | null;
  readonly budgetStatus: string;
};
type Group = { readonly currencyCode: string; readonly totalCostText: string; readonly overBudget: number };

let stage: Stage;
let app: App;
let fullBody: string;
let full: UsageRow[];
let flat: FlatRow[];

beforeAll(async () => {
  stage = await startStage({ customers: 240 });
  app = await stage.startApp();
  await app.tick();
  const reply = await app.get(list);
  fullBody = reply.body;
  full = parseUsageList(reply).value;
  flat = readFlatRows(await app.get(`${list}?view=flat`));
});
afterAll(() => stage.end());

function readFlatRows(reply: Reply): FlatRow[] {
  expect(reply.status).toBe(200);
  return Object(reply.json).value;
}

describe('flat rows', () => {
  it('are the full rows, flat and digit by digit', () => {
    expect(flat).toHaveLength(240);
    expect(new Set(flat.map((row) => Object.keys(row).join(','))).size).toBe(1);
    for (const [position, row] of flat.entries()) {
      const record = full[position];
      expect(row).toMatchObject({
        customerId: record?.resourceId.toLowerCase(),
        customerName: record?.resourceName,
        budgetAmount: record?.budget.amount ?? null,
        totalCost: record?.totalCost,
        currencyCode: record?.currencyCode ?? '',
        lastModifiedDate: record?.lastModifiedDate,
      });
      expect(fullBody).toContain(`"totalCost":${row.totalCostText},`);
    }
    expect(full.some(({ resourceId }) => resourceId !== resourceId.toLowerCase())).toBe(true);
    expect(flat[1]?.totalCostText).toBe('120.5682999999995904716');
  });
});

describe('CSV', () => {
  it('holds the cells of the flat rows', async () => {
    const reply = await app.get(`${list}?format=csv&csvSeparator=semicolon`);
    expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(reply.headers['content-disposition']).toMatch(/^attachment; filename="usage-\d{4}-\d\d-\d{8}T\d{6}Z\.csv"$/);
    const cells: Record<string, string>[] = parse(reply.body, { bom: true, columns: true, delimiter: ';' });
    expect(cells).toEqual(
      flat.map((row) => {
        const texts = Object.entries(row).map(([key, value]) => [key, value === null ? '' : String(value)]);
        const name = /^[=+\-@\t\r\n]/.test(row.customerName) ? `'${row.customerName}` : row.customerName;
        return { ...Object.fromEntries(texts), ...exactDigitsOf(row), customerName: name };
      }),
    );
  });
});

describe('GET /api/usagesummary', () => {
  it('adds up each currency exactly', async () => {
    const reply = await app.get('/api/usagesummary');
    const groups: Group[] = Object(reply.json).value;
    expect(groups.map(({ currencyCode }) => currencyCode)).toEqual(
      [...new Set(flat.map(({ currencyCode }) => currencyCode))].filter((code) => code !== '').toSorted(),
    );
    for (const { currencyCode, totalCostText, overBudget } of groups) {
      const own = flat.filter((row) => row.currencyCode === currencyCode);
      expect(unitsOf(totalCostText)).toBe(own.reduce((sum, row) => sum + unitsOf(row.totalCostText), 0n));
      expect(overBudget).toBe(own.filter(({ budgetStatus }) => budgetStatus === 'over').length);
      expect(reply.body).toContain(`"totalCost":${totalCostText},"totalCostText":"${totalCostText}"`);
    }
  });
});

/** An amount in units of 10⁻³⁰. */
function unitsOf(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(30, '0'));
}

/** What a double of the JSON has lost; the cell has to be one that reads as the same double. */
function exactDigitsOf({ totalCostText }: FlatRow) {
  return {
    totalCost: totalCostText,
    totalCostText,
    budgetAmount: expect.any(String),
    usdTotalCost: expect.any(String),
  };
}
