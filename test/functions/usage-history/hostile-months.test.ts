import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLineDownload } from '../../support/lists/kept-days.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';

const customer = '00000000-0000-4000-8000-000000000000';
const blob = 'history/2026-10.ndjson.gz';
const list = 'daily/2026-10/2026-10-30T080000Z-0123456789abcdef.ndjson.gz';
const megabyte = 1024 * 1024;

const goodRows = `{"rows":[["${customer}",true]]}\n`;
const dayLine = '{"date":"2026-10-30","period":"2026-10"}\n';
const goodDay = `${dayLine}[0,7.5,15,50,"EUR"]\n`;

type Month = {
  readonly rows?: string;
  readonly day?: string;
  /** Put into the index instead of the true lengths. */
  readonly blocks?: unknown;
  /** Follows the index in its member. */
  readonly padding?: string;
};

/** A month's blob, made by hand as docs/reference/storage.md describes it. */
function makeMonth({ rows = goodRows, day = goodDay, blocks, padding = '' }: Month): Buffer {
  const members = [gzipSync(rows), gzipSync(day)];
  const index = {
    schemaVersion: 1,
    month: '2026-10',
    days: [{ date: '2026-10-30', list, period: '2026-10' }],
    blocks: blocks ?? [members.map(({ length }) => length)],
  };
  return Buffer.concat([gzipSync(`${JSON.stringify(index)}\n${padding}`), ...members]);
}

let rig: ReturnType<typeof createRefreshRig>;

beforeEach(() => {
  rig = createRefreshRig({ now: '2026-11-02T08:00:00Z' });
  rig.serve(async () => createLineDownload([{ number: 0, totalCost: '1', day: '2026-11-02' }]));
});

async function getDay(bytes: Buffer, query = '') {
  rig.memory.written.set(blob, { bytes, etag: '"month"' });
  const functions = createUsageFunctions({ rig });
  await functions.refresh();
  return invoke(functions.history, `/api/usagehistory?customerId=${customer}&from=2026-10-30&to=2026-10-30${query}`);
}

/** What the customer cost that day, as far as it is told, and whether damage was logged. */
async function readDay(month: Month) {
  const { status, json, events } = await getDay(makeMonth(month));
  const [point] = Object(json).value;
  return { status, cost: point?.totalCostText, isLogged: events.some(({ event }) => event === 'history.damaged') };
}

const damaged = { status: 200, cost: '', isLogged: true };

describe('a hostile month of history', () => {
  it('is told from a sound one', async () => {
    expect(await readDay({})).toEqual({ status: 200, cost: '7.5', isLogged: false });
  });

  it('has a currency like a formula guarded in CSV', async () => {
    const { body } = await getDay(makeMonth({ day: `${dayLine}[0,7.5,15,50,"=1+1"]\n` }), '&format=csv');
    expect(body.split('\r\n')[1]).toBe(`${customer},Customer 0,true,2026-10-30,2026-10,7.5,7.5,,,15,50,'=1+1,false`);
  });

  it.each<[what: string, month: Month]>([
    ['an index that is a gzip bomb', { padding: ' '.repeat(20 * megabyte) }],
    ['rows that are a gzip bomb', { rows: `${' '.repeat(80 * megabyte)}${goodRows}` }],
    ['a day that is a gzip bomb', { day: goodDay + '[9,0,0,0,null]\n'.repeat((80 * megabyte) / 15) }],
    ['a block of more bytes than memory has', { blocks: [[2 ** 52, 2 ** 52]] }],
    ['blocks behind the largest number of bytes', { blocks: Array.from({ length: 5000 }, () => [2 ** 52, 0]) }],
    ['more blocks than a month can have', { blocks: Array.from({ length: 4097 }, () => [0, 0]) }],
    ['a length that is no whole number', { blocks: [[0.5, 100]] }],
    ['a negative length', { blocks: [[-5, 100]] }],
  ])('leaves a gap for %s', async (_, month) => {
    expect(await readDay(month)).toEqual(damaged);
  });

  it.each<[what: string, day: string]>([
    ['a formula for a cost', `${dayLine}[0,=1+1,15,50,"EUR"]\n`],
    ['a word for a cost', `${dayLine}[0,nothing,15,50,"EUR"]\n`],
    ['zeros in front of a cost', `${dayLine}[0,007,15,50,"EUR"]\n`],
    ['a currency that is no JSON text', `${dayLine}[0,7.5,15,50,"E\\qR"]\n`],
    ['a formula for a percentage', `${dayLine}[0,7.5,@SUM(A1),50,"EUR"]\n`],
    ['another member for a budget', `${dayLine}[0,7.5,15,1}{"a":1,"EUR"]\n`],
    ['a formula for the period of a row', `${dayLine}[0,7.5,15,50,"EUR","=1+1"]\n`],
    ['a formula for the period of a day', goodDay.replace('"period":"2026-10"', '"period":"=1+1"')],
  ])('leaves a gap for %s, in JSON and in CSV', async (_, day) => {
    expect(await readDay({ day })).toEqual(damaged);
    const csv = await getDay(makeMonth({ day }), '&format=csv');
    expect(csv.status).toBe(200);
    expect(csv.body).not.toMatch(/[=@]|nothing|}|007/);
  });
});
