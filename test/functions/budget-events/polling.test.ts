import { describe, expect, it } from 'vitest';
import { free, row } from '../../support/lists/event-lists.ts';
import { abbreviateEvents, createEventRig, getLocation, polledEvents } from '../../support/rigs/event-rig.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload } from '../../support/lists/usage-rows.ts';

const one = '00000000-0000-4000-8000-00000000000a';
const two = '00000000-0000-4000-8000-00000000000b';

const many = (percent: number) => Array.from({ length: 1500 }, (_, at) => row(`c${at}`, percent));

const now = '2026-11-03T06:00:00Z';

/** A service with one list, in which nobody has spent much. */
async function started(options: { readonly publicBaseUrl?: string } = {}) {
  const rig = createEventRig({ now, ...options });
  await rig.publish([row(one, 1), row(two, 1)]);
  return rig;
}

describe('GET /api/budget-events', () => {
  it('answers the first poll with 202, a Location that holds a state, and Retry-After', async () => {
    const rig = await started();
    const first = await rig.poll('?code=secret&CODE=x&clientId=default&api-version=2026-11-01');
    expect(first).toMatchObject({ status: 202, body: '' });
    expect(first.headers).toMatchObject({
      location: expect.stringMatching(/^http:\/\/localhost:7071\/api\/budget-events\?since=[\w-]{12}$/),
      'retry-after': '300',
      'cache-control': 'no-store',
      'last-modified': 'Tue, 03 Nov 2026 07:00:00 GMT',
      'cache-status': 'usage; hit; ttl=5400; detail=fresh; period="2026-11"',
    });
    expect(first.headers).not.toHaveProperty('etag');
  });

  it('answers 202 with the same state while nothing is new, though refreshes go on', async () => {
    const rig = await started();
    const first = await rig.poll();
    expect(getLocation(await rig.poll(getLocation(first)))).toBe(getLocation(first));
    await rig.publish([row(one, 1), row(two, 2), free('c', 0)]);
    expect(await rig.poll(getLocation(first))).toMatchObject({
      status: 202,
      headers: { location: getLocation(first) },
    });
  });

  it('keeps the state too while nothing is new that was asked for', async () => {
    const rig = await started();
    const first = await rig.poll('?threshold=100');
    await rig.publish([row(one, 85)]);
    expect(await rig.poll(getLocation(first))).toMatchObject({
      status: 202,
      headers: { location: getLocation(first) },
    });
  });

  it('answers 200 with what is new, oldest first, and each event once when Location is followed', async () => {
    const rig = await started();
    const first = await rig.poll();
    await rig.publish([row(one, 85), row(two, 2), free('c', 0)]);
    await rig.publish([row(one, 101), row(two, 55), free('c', 4)]);
    const news = await rig.poll(getLocation(first));
    expect(news.status).toBe(200);
    expect(news.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(news.body)),
      'retry-after': '300',
    });
    expect(abbreviateEvents(news)).toEqual([`${one} 80*`, `${one} 100*`, `${two} 50*`, 'c firstSpendWithoutBudget']);
    expect(await rig.poll(getLocation(news))).toMatchObject({ status: 202, headers: { location: getLocation(news) } });
  });

  it('answers events with every key of a flat row, and with links to the customer', async () => {
    const { rig, list, handlerOf } = createUsageFunctions({
      rig: createRefreshRig({ now }),
      publicBaseUrl: 'https://usage.contoso.com',
    });
    const publish = async (percent: number) => {
      rig.serve(() => Promise.resolve(createDownload([row(one, percent)])));
      rig.advanceMinutes(60);
      await rig.refresh('timer', rig.log.call);
    };
    await publish(1);
    const first = await invoke(handlerOf('budget-events'), '/api/budget-events');
    await publish(55);
    const { search } = new URL(first.headers['location'] ?? '');
    const [event] = polledEvents((await invoke(handlerOf('budget-events'), `/api/budget-events${search}`)).body);
    const [flatRow] = Object(await invoke(list, '/api/customers/usagerecords?view=flat')).json.value;
    expect(Object.keys(flatRow)).toHaveLength(16);
    expect(event).toEqual({
      ...flatRow,
      date: null,
      dailyCost: null,
      dailyCostText: '',
      usualDailyCost: null,
      usualDailyCostText: '',
      dailyCostFactor: null,
      id: `2026-11_${one}_azure-plan_budgetThreshold_50_1000`,
      sequence: Date.parse('2026-11-03T08:00:00Z'),
      kind: 'budgetThreshold',
      threshold: 50,
      isHighest: true,
      previousPercentUsed: 1,
      crossedAt: '2026-11-03T08:00:00.000Z',
      usageRecordsUrl: `https://usage.contoso.com/api/customers/usagerecords/${one}`,
      partnerCenterUrl: `https://partner.microsoft.com/dashboard/v2/customers/${one}/account`,
    });
    const records = await invoke(
      handlerOf('customer-usage-records'),
      new URL(String(event?.['usageRecordsUrl'])).pathname,
      {
        params: { customerId: one },
      },
    );
    expect(records.status).toBe(200);
  });

  it('repeats the very same events to whoever asks where it asked before', async () => {
    const rig = await started();
    const first = await rig.poll();
    await rig.publish([row(one, 85), row(two, 2)]);
    const news = await rig.poll(getLocation(first));
    expect((await rig.poll(getLocation(first))).body).toBe(news.body);
    await rig.publish([row(one, 95), row(two, 2)]);
    const more = await rig.poll(getLocation(first));
    expect(more.events.slice(0, 1)).toEqual(news.events);
    expect(abbreviateEvents(more)).toEqual([`${one} 80*`, `${one} 90*`]);
  });

  it('tells a first poll nothing old', async () => {
    const rig = await started();
    await rig.publish([row(one, 85)]);
    const first = await rig.poll();
    expect(first.status).toBe(202);
    await rig.publish([row(one, 92)]);
    expect(abbreviateEvents(await rig.poll(getLocation(first)))).toEqual([`${one} 90*`]);
  });

  it.each([
    ['threshold=50', [`${one} 50`, `${two} 50*`]],
    ['threshold=80', [`${one} 80*`]],
    ['threshold=100', []],
    ['kind=firstSpendWithoutBudget', ['c firstSpendWithoutBudget']],
    ['kind=projectedOverBudget', []],
    [
      'threshold=50&kind=budgetThreshold,firstSpendWithoutBudget',
      [`${one} 50`, `${two} 50*`, 'c firstSpendWithoutBudget'],
    ],
    ['kind=budgetThreshold,firstSpendWithoutBudget', [`${one} 80*`, `${two} 50*`, 'c firstSpendWithoutBudget']],
    [`customerId=${two.toUpperCase()}`, [`${two} 50*`]],
    [`threshold=50&kind=budgetThreshold&customerId=${one},${two}`, [`${one} 50`, `${two} 50*`]],
  ])('gives only what %s asks for, and goes on asking', async (query, expected) => {
    const rig = await started();
    const first = await rig.poll(`?${query}`);
    await rig.publish([row(one, 85), row(two, 55), free('c', 3)]);
    const news = await rig.poll(getLocation(first));
    expect(abbreviateEvents(news)).toEqual(expected);
    expect(news.status).toBe(expected.length === 0 ? 202 : 200);
    const { searchParams } = new URL(getLocation(news));
    searchParams.delete('since');
    const wanted = new URLSearchParams(query.toLowerCase().replace('kind', 'KIND'));
    expect([...searchParams.values()].map((text) => text.toLowerCase()).toSorted()).toEqual(
      [...wanted.values()].toSorted(),
    );
    expect((await rig.poll(getLocation(news))).status).toBe(202);
  });

  it('puts Location below PUBLIC_BASE_URL', async () => {
    const rig = await started({ publicBaseUrl: 'https://usage.contoso.com/prefix' });
    expect(getLocation(await rig.poll())).toMatch(/^https:\/\/usage\.contoso\.com\/prefix\/api\/budget-events\?since=/);
  });

  it('gives at most 1000 events, and the rest with the next poll at once', async () => {
    const rig = createEventRig({ now });
    await rig.publish(many(1));
    const first = await rig.poll();
    await rig.publish(many(55));
    const some = await rig.poll(getLocation(first));
    const rest = await rig.poll(getLocation(some));
    expect([some.events.length, some.headers['retry-after']]).toEqual([1000, '1']);
    expect([rest.events.length, rest.headers['retry-after']]).toEqual([500, '300']);
    expect(new Set([...some.events, ...rest.events].map(({ id }) => id)).size).toBe(1500);
  });

  it('answers HEAD like GET without a body', async () => {
    const rig = await started();
    const first = await rig.poll('', 'HEAD');
    await rig.publish([row(one, 85)]);
    const news = await rig.poll(getLocation(first), 'HEAD');
    expect(news).toMatchObject({
      status: 200,
      body: '',
      headers: { location: getLocation(await rig.poll(getLocation(first))) },
    });
  });

  it('answers 503 before the first list, and starts no refresh', async () => {
    const rig = createEventRig({ now });
    const reply = await rig.poll();
    expect(reply).toMatchObject({ status: 503, headers: { 'x-ms-error-code': 'CacheEmpty' } });
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(rig.downloads()).toBe(0);
  });
});

describe('GET /api/budget-events with mistakes', () => {
  it.each([
    ['threshold=85', 'threshold', 'InvalidParameter', ['50', '80', '90', '100', '120']],
    ['threshold=080', 'threshold', 'InvalidParameter', ['50', '80', '90', '100', '120']],
    ['threshold=', 'threshold', 'InvalidParameter', undefined],
    ['threshold=80&kind=projectedOverBudget', 'threshold', 'InvalidParameter', undefined],
    [
      'kind=budget',
      'kind',
      'InvalidParameter',
      ['budgetThreshold', 'firstSpendWithoutBudget', 'projectedOverBudget', 'spendJump'],
    ],
    ['customerId=contoso', 'customerId', 'InvalidParameter', undefined],
    ['since=AAAAAAAAAAAA', 'since', 'InvalidCursor', undefined],
    ['since=short', 'since', 'InvalidCursor', undefined],
    ['api-version=2020-01-01', 'api-version', 'UnsupportedApiVersionValue', ['2026-11-01']],
    ['maxpagesize=5', 'maxpagesize', 'UnknownParameter', ['api-version', 'threshold', 'kind', 'customerId', 'since']],
    ['threshold=80&Threshold=50', 'threshold', 'DuplicateParameter', undefined],
  ])('%s is a 400 about %s', async (query, parameter, code, allowed) => {
    const rig = await started();
    const reply = await rig.poll(`?${query}`);
    expect(reply.status).toBe(400);
    const problem = { parameter, code, detail: expect.any(String), ...(allowed && { allowed }) };
    expect(JSON.parse(reply.body)).toMatchObject({ code, errors: [problem] });
  });

  it('names all at once', async () => {
    const rig = await started();
    const reply = await rig.poll('?threshold=1&kind=x&since=x&top=4&customerId=');
    const { errors } = JSON.parse(reply.body);
    expect(errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual([
      'top',
      'customerId',
      'threshold',
      'kind',
      'since',
    ]);
  });
});
