import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProcess } from '../../setup/command.ts';
import { office, passThroughOffice } from '../../support/commands/spreadsheet.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Reply, Stage } from '../stage/stage.ts';
import { openContainer } from '../stage/usage-container.ts';

const list = '/api/customers/usagerecords';
/** Modern Azure Customer SE, one of the documented records. */
const corrected = '11111111-6fb9-4b05-8f15-b3d72e0596e6';
const requests = [
  `${list}?`,
  `${list}?view=flat&orderby=percentUsed%20desc&minPercentUsed=30&`,
  `${list}?format=csv&`,
  `${list}/${corrected}?`,
  '/api/usagesummary?',
];

const cost = z.object({ customerId: z.string(), isUpgraded: z.boolean(), totalCostText: z.string() });
const flatList = z.object({ value: z.array(cost) });
const history = z.object({ value: z.array(cost.extend({ date: z.string(), missing: z.boolean() })) });

/** What each request was answered on a day, without what the answer says of the snapshot. */
type Day = { readonly day: string; readonly rows: readonly string[]; readonly totalCount: number };

describe('earlier days and months of the running service', () => {
  let stage: Stage;
  let app: App;
  const days: Day[] = [];
  /** The cost of each row in the list of each day. */
  const costs = new Map<string, string>();

  /** The day of the month from 27 on, or in the first days of the next one, at 07:00 UTC: Partner Center's batch is there. */
  async function liveThrough(day: number, change: object = {}) {
    await stage.advanceToDay(day, 7);
    await stage.control(change);
    await app.tick();
    const today = await readDay('');
    days.push(today);
    const { value } = flatList.parse((await app.get(`${list}?view=flat`)).json);
    for (const row of value) costs.set(`${today.day} ${row.customerId} ${row.isUpgraded}`, row.totalCostText);
  }

  async function readDay(choice: string): Promise<Day> {
    const replies = await Promise.all(requests.map((path) => app.get(`${path}${choice}`)));
    expect(replies.map(({ status }) => status)).toStrictEqual(requests.map(() => 200));
    const { totalCount, snapshot } = Object(replies[0]?.json);
    return { day: snapshot.asOf ?? snapshot.fetchedAt.slice(0, 10), rows: replies.map(getRowsText), totalCount };
  }

  async function findBlob(prefix: string): Promise<string> {
    const names: string[] = [];
    for await (const { name } of openContainer(stage).listBlobsFlat({ prefix })) names.push(name);
    expect(names).not.toStrictEqual([]);
    return names.at(-1) ?? '';
  }

  beforeAll(async () => {
    stage = await startStage({ customers: 60 });
    app = await stage.startApp();
    await liveThrough(26);
    await liveThrough(27);
    // The last customer of the list is gone for a day.
    await liveThrough(28, { customers: 59 });
    await liveThrough(29, { customers: 60 });
    await stage.advanceToDay(1, 3);
    await app.tick();
    await liveThrough(1);
    await liveThrough(2);
    await liveThrough(3, { setRecord: { customerId: corrected, raw: { totalCost: '0.0000000000000010471' } } });
    await liveThrough(4);
  });
  afterAll(() => stage.end());

  it('answers asOf each day, byte for byte, what it answered on that day, in a new process too', async () => {
    expect(days.map(({ totalCount }) => totalCount)).toStrictEqual([60, 60, 59, 60, 60, 60, 60, 60]);
    const texts = new Set(days.map(({ rows }) => rows[0]));
    expect(texts.size).toBe(days.length);
    const cold = await stage.startApp();
    const warm = app;
    app = cold;
    const again: Day[] = [];
    for (const { day } of days) again.push(await readDay(`asOf=${day}&`));
    app = warm;
    await cold.stop();
    expect(again).toStrictEqual(days);
    expect(days.at(6)?.rows[3]).toContain('"totalCost":0.0000000000000010471,');
  });

  it('closes the month with the list that Partner Center showed last, on the first of the next', async () => {
    const [before, after] = [days[3], days[4]];
    const period = String(before?.day).slice(0, 7);
    const closing = await app.get(`${list}?period=${period}`);
    expect(getRowsText(closing)).toBe(
      (await app.get(`${list}?period=${period}&top=100`)).body.split('],"totalCount"')[0],
    );
    expect(closing.json).toMatchObject({
      totalCount: 60,
      snapshot: { period, version: 1, state: 'historical', fetchedAt: expect.stringMatching(`^${after?.day}T03:00:`) },
    });
    expect(closing.body).toContain('"totalCost":120.5682999999995904716');
    const months = Object(closing.json).value.map((row: { lastModifiedDate: string }) =>
      row.lastModifiedDate.slice(0, 7),
    );
    expect(months).not.toContain(after?.day.slice(0, 7));
  });

  it('tells as the history of each row what the list said each day, and can be rebuilt byte by byte', async () => {
    const [from, to] = [days[0]?.day ?? '', days.at(-1)?.day ?? ''];
    const ids = [...new Set([...costs.keys()].map((key) => key.split(' ')[1]))];
    const points = [];
    for (let at = 0; at < ids.length; at += 20) {
      const { json } = await app.get(`/api/usagehistory?from=${from}&customerId=${ids.slice(at, at + 20).join(',')}`);
      points.push(...history.parse(json).value.filter(({ missing }) => !missing));
    }
    expect(
      new Map(points.map((each) => [`${each.date} ${each.customerId} ${each.isUpgraded}`, each.totalCostText])),
    ).toEqual(costs);

    const container = openContainer(stage);
    const months = [from, to].map((day) => container.getBlockBlobClient(`history/${day.slice(0, 7)}.ndjson.gz`));
    const before = await Promise.all(months.map((month) => month.downloadToBuffer()));
    await months[0]?.upload('no history', 10);
    await months[1]?.delete();
    const command = startProcess({ script: 'rebuild-history', env: stage.settings, followsClock: true });
    const { code, lines } = await command.ended;
    expect({ code, lines: lines.filter(Boolean) }).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/^\d{4}-\d\d: \d days$/),
        expect.stringMatching(/^history\.damaged /),
        expect.stringMatching(/^\d{4}-\d\d: \d days, overwriting a damaged blob; days without a kept list are gone$/),
      ],
    });
    expect(await Promise.all(months.map((month) => month.downloadToBuffer()))).toEqual(before);
  });

  it('names the nearest days of a day that is not kept, and refuses the future', async () => {
    const [first, last] = [days[0]?.day, days.at(-1)?.day];
    expect(await app.get(`${list}?asOf=2026-01-31`)).toMatchObject({
      status: 404,
      json: { code: 'DayNotKept', nearest: { after: first } },
    });
    const tomorrow = new Date(Date.parse(String(last)) + 24 * 3_600_000).toISOString().slice(0, 10);
    expect(await app.get(`${list}?asOf=${tomorrow}&period=2025-02`)).toMatchObject({
      status: 400,
      json: { errors: [{ parameter: 'asOf' }, { parameter: 'period' }] },
    });
  });

  it.skipIf(office === '')('opens the CSV of a day in LibreOffice with the same digits', async () => {
    const columns = ['customerId', 'totalCostText', 'usdTotalCost', 'budgetAmount'];
    const path = `${list}?format=csv&select=${columns.join(',')}&asOf=${days[1]?.day}`;
    const { body } = await app.get(path);
    const back = await passThroughOffice(body, columns.length);
    const cells: string[][] = parse(back, { bom: true });
    expect(cells).toStrictEqual(parse(body, { bom: true }));
    expect(cells).toHaveLength(61);
    expect(cells.flat()).toContain('120.5682999999995904716');
  });

  it('answers 503 for a day while storage is down, and goes on with the current list', async () => {
    const cold = await stage.startApp();
    await cold.get(list);
    await stage.fault('storage', '503');
    expect(await cold.get(`${list}?asOf=${days[0]?.day}`)).toMatchObject({
      status: 503,
      json: { code: 'StorageUnavailable' },
    });
    expect((await cold.get(list)).status).toBe(200);
    await stage.clearFaults();
    expect((await cold.get(`${list}?asOf=${days[0]?.day}`)).status).toBe(200);
    await cold.stop();
  });

  it('says that a day is damaged or lost, with one warning, and goes on with all others', async () => {
    const [damaged, lost, good] = days;
    const cold = await stage.startApp();
    const container = openContainer(stage);
    const blob = container.getBlockBlobClient(await findBlob(`daily/${damaged?.day.slice(0, 7)}/${damaged?.day}`));
    const other = gzipSync('{"id":"a"}\n');
    await blob.upload(other, other.length);
    await cold.get(`${list}?asOf=${good?.day}`);
    await container.deleteBlob(await findBlob(`daily/${lost?.day.slice(0, 7)}/${lost?.day}`));
    for (const [day, reason] of [
      [damaged?.day, 'corrupt'],
      [lost?.day, 'missing'],
    ]) {
      for (const top of [1, 2]) {
        expect(await cold.get(`${list}?asOf=${day}&top=${top}`)).toMatchObject({
          status: 404,
          json: { code: 'DayNotKept', reason },
        });
      }
    }
    expect(cold.events.filter(({ event }) => event === 'history.unreadable')).toMatchObject([
      { reason: 'corrupt' },
      { reason: 'missing' },
    ]);
    expect((await cold.get(`${list}?asOf=${good?.day}&top=1`)).status).toBe(200);
    expect((await cold.get(list)).status).toBe(200);
    await cold.stop();
  });
});

/** The body up to what it says of the snapshot; all of a CSV. */
function getRowsText({ body }: Pick<Reply, 'body'>): string {
  return body.split(/(?:\],"totalCount":\d+)?,"snapshot":/)[0] ?? '';
}
