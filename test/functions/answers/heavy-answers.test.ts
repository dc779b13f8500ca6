import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { usageHistory } from '../../../functions/usage-history.ts';
import { createTestCall } from '../../support/call.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload } from '../../support/lists/usage-rows.ts';
import { createManualTurns } from '../../support/turns.ts';

const list = '/api/customers/usagerecords';
const rowCount = 2600;
const days = ['2026-11-11', '2026-11-12', '2026-11-13', '2026-11-14', '2026-11-15', '2026-11-16'];

let rig: ReturnType<typeof createRefreshRig>;
let turns: ReturnType<typeof createManualTurns>;
let functions: ReturnType<typeof createUsageFunctions>;

beforeEach(async () => {
  rig = createRefreshRig({ now: '2026-11-11T08:00:00Z' });
  turns = createManualTurns();
  functions = createUsageFunctions({ rig, yieldToEventLoop: turns.yieldToEventLoop });
  await refreshOn('2026-11-11', 0);
});

/** A list of the day, as large as all others and equal to none. */
async function refreshOn(day: string, number: number): Promise<void> {
  rig.advanceMinutes((Date.parse(`${day}T08:00:00Z`) - rig.now()) / 60_000);
  const rows = Array.from({ length: rowCount }, (_, position) => ({ totalCost: position, name: 'n'.repeat(400) }));
  rig.serve(async () => createDownload([...rows, { totalCost: number }]));
  await functions.refresh();
}

const gzip = { headers: { 'accept-encoding': 'gzip' } };
const getCsv = async (query: string, method = 'GET') =>
  invoke(functions.list, `${list}?format=csv&${query}`, { ...gzip, method });
/** Ten customers on 400 days. */
function costs(format: string): string {
  const customerIds = Array.from({ length: 10 }, (_, number) => `00000000-0000-4000-8000-00000000000${number}`);
  return `/api/usagehistory?customerId=${customerIds.join(',')}&from=2025-10-08&to=2026-11-11&format=${format}`;
}
const getCosts = async (format: string, method = 'GET') =>
  invoke(functions.history, costs(format), { ...gzip, method });
const countReads = (prefix: string) =>
  rig.memory.operations.filter((operation) => operation.startsWith(`readLines ${prefix}`)).length;

describe('large answers', () => {
  it('are made in slices, and a small one is answered meanwhile', async () => {
    await getCsv('top=1');
    turns.hold();
    const large = getCsv('skip=1');
    expect(await turns.countHeld()).toBe(1);
    expect(await getCsv('top=1')).toMatchObject({ status: 200 });
    turns.release();
    expect((await large).body.split('\r\n')).toHaveLength(2602);
  });

  it.each([
    // 1.4 MB, and 2600 rows of few bytes.
    ['format=csv', 2],
    ['view=flat&select=totalCost&maxpagesize=10000', 5],
    // Rows by key and by each criterion, 2000 at a time.
    ['orderby=customerName%20desc,percentUsed&top=1', 6],
  ])('let others go first often enough: %s', async (query, turnsAtLeast) => {
    await getCsv('top=1');
    const before = turns.count();
    expect(await invoke(functions.list, `${list}?${query}`, gzip)).toMatchObject({ status: 200 });
    expect(turns.count() - before).toBeGreaterThanOrEqual(turnsAtLeast);
  });

  it('with totals let others go first too', async () => {
    await getCsv('top=1');
    const before = turns.count();
    expect(await invoke(functions.summary, '/api/usagesummary')).toMatchObject({ status: 200 });
    expect(turns.count() - before).toBeGreaterThanOrEqual(1);
  });

  it('are made one at a time', async () => {
    await getCsv('top=1');
    turns.hold();
    const answers = ['skip=1', 'skip=2', 'skip=3'].map((query) => getCsv(query));
    expect(await turns.countHeld()).toBe(1);
    turns.release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('are not made for HEAD', async () => {
    await getCsv('top=1');
    const before = turns.count();
    expect(await getCsv('skip=1', 'HEAD')).toMatchObject({ status: 200, body: '' });
    expect(await invoke(functions.summary, '/api/usagesummary', { method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(turns.count() - before).toBe(0);
  });

  it('of daily costs are not made for HEAD, and no figure is read', async () => {
    await refreshOn('2026-11-12', 1);
    rig.memory.operations.splice(0);
    expect(await getCosts('csv', 'HEAD')).toMatchObject({ status: 200, body: '' });
    expect(rig.memory.operations.filter((operation) => operation.startsWith('readRange'))).toEqual([]);
    expect(await getCosts('csv')).toMatchObject({ status: 200, body: expect.stringContaining('2026-11-11') });
    expect(rig.memory.operations.filter((operation) => operation.startsWith('readRange'))).not.toEqual([]);
  });

  it('of daily costs are made one at a time too', async () => {
    await refreshOn('2026-11-12', 1);
    const asking = new AsyncLocalStorage<string>();
    const made: (string | undefined)[] = [];
    functions = createUsageFunctions({
      rig,
      yieldToEventLoop: async () => {
        made.push(asking.getStore());
        await setImmediate();
      },
    });
    await getCosts('csv', 'HEAD');
    made.splice(0);
    const formats = ['json', 'csv', 'csv&csvSeparator=tab'];
    const answers = await Promise.all(formats.map((format) => asking.run(format, () => getCosts(format))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const ofAnswers = made.filter((format) => format !== undefined);
    const turnsOfAnswers = ofAnswers.filter((format, position) => format !== ofAnswers[position - 1]);
    expect(turnsOfAnswers).toEqual(formats);
  });

  it('of daily costs are not made for a caller whose time is over', async () => {
    const answer = functions.app.createHandler(usageHistory);
    const url = new URL(`http://localhost:7071${costs('json')}`);
    const context = { ...createTestCall().call, signal: AbortSignal.abort() };
    const links = { linkToRoute: () => '', linkToSibling: () => '' };
    const request = { requestId: '', method: 'GET', address: url.href, url, params: {}, headers: new Headers() };
    rig.memory.operations.splice(0);
    await expect(answer({ ...request, ...links, context })).rejects.toMatchObject({ code: 'StorageUnavailable' });
    expect(rig.memory.operations.filter((operation) => operation.startsWith('readRange'))).toEqual([]);
  });
});

describe('many earlier days at once', () => {
  it('are in memory three at a time, until their answers are made', async () => {
    for (const [position, day] of days.entries()) if (position > 0) await refreshOn(day, position);
    await refreshOn('2026-11-17', 99);
    await getCsv('top=1');
    turns.hold();
    const first = getCsv('skip=1');
    expect(await turns.countHeld()).toBe(1);
    const before = countReads('daily/');
    const answers = days.map((day) => getCsv(`asOf=${day}`));
    // All that loads goes on; what is to be made waits for the first.
    while ((await turns.countHeld()) > 1) await turns.step();
    expect(countReads('daily/') - before).toBe(3);
    turns.release();
    const statuses = (await Promise.all([first, ...answers])).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200]);
    expect(countReads('daily/') - before).toBe(6);
  });
});
