import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { hostileLists } from './hostile-bodies.ts';
import { goodRecords } from './hostile-records.ts';
import type { HostileRecord, Members } from './hostile-records.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { page, startPartnerCenter } from '../../support/services/partner-center.ts';
import type { ScriptedAnswer } from '../../support/services/scripted-server.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';

const list = '/api/customers/usagerecords';
const good = page(goodRecords.map(({ line }) => line));
const partnerCenter = await startPartnerCenter();

/** The functions over the real client, and a refresh of theirs in front of a server that answers with these bodies. */
function createFunctions() {
  const functions = createUsageFunctions();
  const { usage, call } = partnerCenter.createUsage();
  functions.rig.serve(async () => usage.download(call));
  async function refresh(answers: readonly ScriptedAnswer[]): Promise<void> {
    partnerCenter.server.reset();
    partnerCenter.server.script(...answers);
    await functions.refresh();
    functions.rig.advanceMinutes(60);
  }
  return { ...functions, refresh };
}

type Functions = ReturnType<typeof createFunctions>;

const isFigure = (json: string | undefined): json is string => /^-?\d/.test(json ?? '');
const figure = (json: string | undefined) => (isFigure(json) ? Number(json) : null);
const textIn = (json: string | undefined): string => (json?.startsWith('"') === true ? String(JSON.parse(json)) : '');

/** What flat rows have to say of a record, by the JSON text of its members alone. */
function expectedRow({ budget, percentUsed, isUpgraded, totalCost, ...members }: Members) {
  const amount = budget?.startsWith('{') === true ? JSON.stringify(JSON.parse(budget).amount) : budget;
  const hasBudget = isFigure(amount) && budget?.startsWith('{') === true;
  const hasNone = budget === undefined || budget === 'null' || (budget.startsWith('{') && amount === undefined);
  const date = textIn(members['lastModifiedDate']);
  return {
    customerId: textIn(members['resourceId']).toLowerCase(),
    customerName: textIn(members['resourceName']),
    period: date === '' || !date.startsWith('2026-11') ? null : '2026-11',
    hasBudget: hasBudget || (hasNone ? false : null),
    budgetAmount: hasBudget ? figure(amount) : null,
    percentUsed: hasBudget ? figure(percentUsed) : null,
    totalCost: figure(totalCost),
    totalCostText: isFigure(totalCost) ? totalCost : '',
    currencyCode: textIn(members['currencyCode']),
    usdTotalCost: isUpgraded === 'true' ? figure(members['usdTotalCost']) : null,
    isUpgraded: isUpgraded === 'true' ? true : isUpgraded === 'false' ? false : null,
    lastModifiedDate: date.startsWith('2026-11') ? date : null,
  };
}

type Row = ReturnType<typeof expectedRow>;

const filters: readonly (readonly [string, (row: Row) => boolean])[] = [
  ['minPercentUsed=0', ({ percentUsed }) => (percentUsed ?? -1) >= 0],
  ['hasBudget=true', ({ hasBudget }) => hasBudget === true],
  ['hasBudget=false', ({ hasBudget }) => hasBudget === false],
  ['isUpgraded=false', ({ isUpgraded }) => isUpgraded === false],
  [
    'currencyCode=SEK&minTotalCost=0',
    ({ currencyCode, totalCost }) => currencyCode === 'SEK' && (totalCost ?? -1) >= 0,
  ],
];

const places = 60n;

/** The exact sum of decimals, as a whole number of 10^-60. */
function sumOf(decimals: readonly string[]): bigint {
  return decimals.reduce((sum, digits) => {
    const [, sign = '', whole = '', fraction = '', exponent = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(digits) ?? [];
    const scale = places - BigInt(fraction.length) + BigInt(exponent);
    return sum + BigInt(`${sign}${whole}${fraction}`) * 10n ** scale;
  }, 0n);
}

async function expectListed(functions: Functions, records: readonly HostileRecord[]): Promise<void> {
  const { body } = await invoke(functions.list, list);
  const lines = records.map(({ line }) => line).join(',');
  // As a truth value: the difference between two lists is no help to read.
  expect(body.startsWith(`{"value":[${lines}],"totalCount":${records.length},`)).toBe(true);
}

async function expectServed(functions: Functions, records: readonly HostileRecord[]): Promise<void> {
  await expectListed(functions, records);
  const flat = Object(await invoke(functions.list, `${list}?view=flat`)).json.value;
  expect(flat).toMatchObject(records.map(({ members }) => expectedRow(members)));
  for (const [filter, keeps] of filters) {
    const kept = Object(await invoke(functions.list, `${list}?view=flat&select=customerId&${filter}`)).json.value;
    const wanted = records.map(({ members }) => expectedRow(members)).filter(keeps);
    expect(kept).toEqual(wanted.map(({ customerId }) => ({ customerId })));
  }
  const csv = await invoke(functions.list, `${list}?format=csv`);
  const cells: Record<string, string>[] = parse(csv.body, { columns: true, bom: true });
  expect(cells.map(({ totalCostText }) => totalCostText)).toEqual(
    records.map(({ members }) => expectedRow(members).totalCostText),
  );
  const summary = Object(await invoke(functions.summary, '/api/usagesummary')).json;
  const inSek = records.map(({ members }) => members).filter((members) => textIn(members['currencyCode']) === 'SEK');
  const known = inSek.flatMap(({ totalCost }) => (isFigure(totalCost) ? [totalCost] : []));
  const sek = summary.value.find(({ currencyCode }: { currencyCode: string }) => currencyCode === 'SEK');
  expect(sek).toMatchObject({ rows: inSek.length, unknownTotalCost: inSek.length - known.length });
  expect(sumOf([sek.totalCostText])).toBe(sumOf(known));
  expect(summary.totalCount).toBe(records.length);
}

describe('a hostile list', () => {
  it('is one of more than a hundred', () => {
    expect(new Set(hostileLists.map(({ name }) => name)).size).toBe(hostileLists.length);
    expect(hostileLists.length).toBeGreaterThan(150);
  });

  it.each(hostileLists)('$name', async ({ answers, records }) => {
    const functions = createFunctions();
    await functions.refresh([good]);
    await functions.refresh(answers);
    const { body } = await invoke(functions.list, `${list}?top=1`);
    expect(body.includes('"reason":"')).toBe(records === undefined);
    await expectServed(functions, records ?? goodRecords);
    await functions.refresh([good]);
    await expectListed(functions, goodRecords);
  });
});
