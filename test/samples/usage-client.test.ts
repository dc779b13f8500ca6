import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUsageClient, UsageApiError } from '../../samples/usage-client.ts';
import type { BudgetEvent, UsageClientOptions } from '../../samples/usage-client.ts';
import { startStage } from '../e2e/stage/stage.ts';
import type { App, Stage } from '../e2e/stage/stage.ts';
import { startScriptedServer } from '../support/services/scripted-server.ts';
import type { ScriptedServer } from '../support/services/scripted-server.ts';

const key = 'test-function-key';

function isOfUk({ customerName }: BudgetEvent): boolean {
  return customerName === 'Modern Azure Customer UK';
}

async function failureOf(call: Promise<unknown>): Promise<UsageApiError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UsageApiError) return error;
  throw new Error('no UsageApiError was thrown', { cause: error });
}

describe('createUsageClient, of the running service', () => {
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    stage = await startStage({ customers: 60 });
    app = await stage.startApp();
    await app.tick();
  });
  afterAll(() => stage.end());

  function client() {
    return createUsageClient({ url: app.base, key });
  }

  it('gets typed rows with every digit', async () => {
    const { value, totalCount, snapshot } = await client().all({ search: 'Modern Azure Customer SE' });
    expect(value).toMatchObject([
      {
        customerName: 'Modern Azure Customer SE',
        budgetAmount: '20',
        percentUsed: 602.84,
        totalCost: '120.5682999999995904716',
        totalCostText: '120.5682999999995904716',
        usdTotalCost: '12.39999999999999985235',
        budgetStatus: 'over',
      },
    ]);
    expect(totalCount).toBe(1);
    expect(snapshot).toMatchObject({ state: 'fresh', recordCount: 60 });
  });

  it('walks the pages in order and once', async () => {
    const sizes: number[] = [];
    const ids: string[] = [];
    for await (const page of client().pages({ maxpagesize: 7, orderby: 'customerName' })) {
      sizes.push(page.value.length);
      ids.push(...page.value.map((row) => `${row.customerId} ${row.isUpgraded}`));
    }
    expect(sizes).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 4]);
    expect(new Set(ids).size).toBe(60);
  });

  it('takes lists and ready parameters as filters', async () => {
    const filters = { currencyCode: ['SEK', 'GBP'], hasBudget: true };
    const { value } = await client().all(filters);
    expect(new Set(value.map((row) => row.currencyCode))).toEqual(new Set(['SEK', 'GBP']));
    const same = await client().all(new URLSearchParams({ currencyCode: 'SEK,GBP', hasBudget: 'true' }));
    expect(same.value).toEqual(value);
  });

  it('gets one customer, and says when there is none', async () => {
    const { value } = await client().customer('11111111-6fb9-4b05-8f15-b3d72e0596e6');
    expect(value.map((row) => row.customerName)).toEqual(['Modern Azure Customer SE']);
    const today = (await client().all({ top: 1 })).snapshot.fetchedAt.slice(0, 10);
    const kept = await client().customer('11111111-6fb9-4b05-8f15-b3d72e0596e6', { asOf: today });
    expect(kept).toMatchObject({ value, snapshot: { asOf: today, state: 'historical' } });
    const { failure: notKept } = await failureOf(client().all({ asOf: '2026-01-01' }));
    expect(notKept).toMatchObject({ status: 404, code: 'DayNotKept', nearest: { after: today } });
    const { failure } = await failureOf(client().customer('22222222-6fb9-4b05-8f15-b3d72e0596e6'));
    expect(failure).toMatchObject({ code: 'CustomerNotFound', status: 404 });
  });

  it('gets totals with every digit', async () => {
    const { value, usd, totalCount } = await client().summary({ search: 'Modern Azure Customer SE' });
    expect(value).toMatchObject([{ currencyCode: 'SEK', totalCost: '120.5682999999995904716', overBudget: 1 }]);
    expect(usd.usdTotalCost).toBe('12.39999999999999985235');
    expect(totalCount).toBe(1);
  });

  it('gets the days of a customer with every digit', async () => {
    const { value, to, totalCount } = await client().history({ search: 'Modern Azure Customer SE' });
    expect(value.at(-1)).toMatchObject({ date: to, totalCost: '120.5682999999995904716', missing: false });
    expect(value.length).toBe(totalCount);
  });

  it('gets a CSV file byte by byte, its BOM included', async () => {
    const bytes = await client().csv({ search: 'Modern Azure Customer SE' });
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(bytes)).toMatch(/^customerId,customerName,.*\r\n.*,120\.5682999999995904716,/);
  });

  it('says every mistake of a request', async () => {
    const { failure } = await failureOf(client().all({ hasBudget: 'yes', top: 0 }));
    expect(failure).toMatchObject({ status: 400, code: 'InvalidParameter' });
    expect(failure.errors?.map(({ parameter }) => parameter)).toEqual(['hasBudget', 'top']);
    expect(failure.requestId).toMatch(/^[\da-f-]{36}$/);
  });

  it('says when the key is wrong', async () => {
    const { failure } = await failureOf(createUsageClient({ url: app.base, key: 'wrong' }).all());
    expect(failure).toMatchObject({ status: 401, code: 'Http401' });
  });

  it('polls each crossing once', async () => {
    const caller = client();
    const first = await caller.pollEvents({ threshold: 100 });
    expect(first).toMatchObject({ events: [], retryAfterMs: 300_000 });
    const [row] = (await caller.all({ search: 'Modern Azure Customer UK' })).value;
    await stage.control({ setRecord: { customerId: row?.customerId, members: { percentUsed: 104.5 } } });
    await stage.advanceHours(2);
    await app.tick();
    const second = await caller.pollEvents({ location: first.location });
    expect(second.events.filter(isOfUk)).toMatchObject([
      { kind: 'budgetThreshold', threshold: 100, percentUsed: 104.5, budgetAmount: '97' },
    ]);
    expect((await caller.pollEvents({ location: second.location })).events).toEqual([]);
  });
});

describe('createUsageClient, of a scripted service', () => {
  let server: ScriptedServer;
  const snapshot = { period: '2026-11', fetchedAt: '2026-11-20T02:00:00.000Z', state: 'fresh', recordCount: 2 };
  const page = { value: [], totalCount: 2, snapshot };

  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  function client(options: Partial<UsageClientOptions> = {}) {
    server.reset();
    return createUsageClient({ url: `${server.url}/`, key, ...options });
  }

  it('shows a kept answer again with its new age when it has not changed', async () => {
    const caller = client();
    server.script(
      { json: page, headers: { etag: 'W/"one"' } },
      { status: 304, headers: { etag: 'W/"one"', 'last-modified': 'Fri, 20 Nov 2026 03:00:00 GMT' } },
      { status: 304, headers: { etag: 'W/"one"' } },
      { json: { ...page, totalCount: 3 } },
      { json: page },
    );
    await caller.all();
    const again = await caller.all();
    expect(again.snapshot).toEqual({ ...snapshot, fetchedAt: '2026-11-20T03:00:00.000Z' });
    expect((await caller.all()).snapshot).toEqual(snapshot);
    expect((await caller.all()).totalCount).toBe(3);
    await caller.all();
    const sent = server.requests.map(({ headers }) => headers['if-none-match']);
    expect(sent).toEqual([undefined, 'W/"one"', 'W/"one"', 'W/"one"', undefined]);
  });

  it('keeps the newest fifty answers', async () => {
    const caller = client();
    const answer = { json: page, headers: { etag: 'W/"one"' } };
    for (let skip = 0; skip <= 51; skip += 1) {
      server.script(answer);
      await caller.all({ skip: skip % 51 });
    }
    expect(server.requests.at(-1)?.headers['if-none-match']).toBeUndefined();
  });

  it('begins again when the list changes between two pages, three times at most', async () => {
    const caller = client();
    const nextLink = `${server.url}/api/customers/usagerecords?cursor=old`;
    const expired = { status: 410, json: { code: 'CursorExpired' } };
    server.script({ json: { ...page, nextLink } }, expired, { json: page });
    expect((await caller.all()).totalCount).toBe(2);
    for (let walk = 1; walk <= 3; walk += 1) server.script({ json: { ...page, nextLink } }, expired);
    expect((await failureOf(caller.all())).failure.code).toBe('CursorExpired');
  });

  it.each([
    ['a link to another host', { json: { ...page, nextLink: 'https://elsewhere.example/api' } }, 'NotUnderstood'],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' } }, 'Http302'],
    ['a page of another site', { body: '<html>', headers: { 'content-type': 'text/html' } }, 'NotUnderstood'],
    ['JSON of something else', { json: { value: 1 } }, 'NotUnderstood'],
    ['no content type', { body: '1' }, 'NotUnderstood'],
    ['a broken connection', { fault: 'reset' as const }, 'Unreachable'],
    ['a cut body', { json: page, fault: 'cut' as const }, 'Unreachable'],
    ['a problem without a code', { status: 500, headers: { 'x-ms-error-code': 'InternalError' } }, 'InternalError'],
  ])('says what is wrong with %s', async (_what, answer, code) => {
    const caller = client();
    server.script(answer);
    expect((await failureOf(caller.all())).failure.code).toBe(code);
  });

  it('says why, and when to come again', async () => {
    const caller = client();
    const problem = { code: 'CacheEmpty', title: 'There is no usage data yet', reason: 'UpstreamThrottled', errors: 1 };
    server.script({ status: 503, json: problem, headers: { 'retry-after': '60' } });
    const { message, failure } = await failureOf(caller.summary());
    expect(message).toBe('There is no usage data yet');
    expect(failure).toEqual({ code: 'CacheEmpty', status: 503, reason: 'UpstreamThrottled', retryAfterMs: 60_000 });
  });

  it('gives up on a silent service at its deadline', async () => {
    const caller = client({ timeoutMs: 50 });
    server.script({ fault: 'silent' });
    const { message, failure } = await failureOf(caller.all());
    expect(failure.code).toBe('TimedOut');
    expect(message).toBe(`no answer within 50 ms at ${server.url}`);
  });

  it('ends with the reason of the caller who gives up', async () => {
    const caller = client();
    const reason = new Error('enough');
    await expect(caller.all({}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('sends an Entra token in the place of a key', async () => {
    const caller = client({ key: undefined, token: async () => 'a-token' });
    server.script({ status: 200, json: [], headers: {} });
    const step = await caller.pollEvents();
    expect(step).toEqual({ events: [], location: `${server.url}/api/budget-events`, retryAfterMs: 0 });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer a-token' });
  });

  it('refuses a key that cannot be one, without showing it', () => {
    expect(() => createUsageClient({ url: server.url, key: 'se…cret' })).toThrow(
      new UsageApiError('the key contains characters that a key never has', { code: 'InvalidKey' }),
    );
  });
});
