import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { createEventRig, shortOf } from '../support/event-rig.ts';
import type { Polled } from '../support/event-rig.ts';
import type { TestRow } from '../support/usage-rows.ts';

const one = '00000000-0000-4000-8000-00000000000a';
const two = '00000000-0000-4000-8000-00000000000b';

const row = (id: string, percentUsed: number): TestRow => ({
  id,
  percentUsed,
  budget: 1000,
  totalCost: percentUsed * 10,
  lastModifiedDate: '2026-11-03T05:00:00Z',
});
const free = (id: string, totalCost: number): TestRow => ({ ...row(id, 0), budget: undefined, totalCost });

const many = (percent: number) => Array.from({ length: 1500 }, (_, at) => row(`c${at}`, percent));

const now = '2026-11-03T06:00:00Z';

/** A service with one list, in which nobody has spent much. */
async function started(options: { readonly publicBaseUrl?: string } = {}) {
  const rig = createEventRig({ now, ...options });
  await rig.publish([row(one, 1), row(two, 1)]);
  return rig;
}

const locationOf = ({ headers }: Polled) => headers['location'] ?? '';
const shorts = ({ events }: Polled) => events.map(shortOf);

describe('GET /api/budget-events', () => {
  it('answers the first poll with 202, a Location that holds a state, and Retry-After', async () => {
    const rig = await started();
    const first = await rig.poll('?code=secret&CODE=x&clientId=default&api-version=2026-11-01');
    expect(first).toMatchObject({ status: 202, body: '' });
    expect(first.headers).toMatchObject({
      location: expect.stringMatching(/^https:\/\/usage\.test\/api\/budget-events\?since=[\w-]{12}$/),
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
    expect(locationOf(await rig.poll(locationOf(first)))).toBe(locationOf(first));
    await rig.publish([row(one, 1), row(two, 2), free('c', 0)]);
    expect(await rig.poll(locationOf(first))).toMatchObject({ status: 202, headers: { location: locationOf(first) } });
  });

  it('keeps the state too while nothing is new that was asked for', async () => {
    const rig = await started();
    const first = await rig.poll('?threshold=100');
    await rig.publish([row(one, 85)]);
    expect(await rig.poll(locationOf(first))).toMatchObject({ status: 202, headers: { location: locationOf(first) } });
  });

  it('answers 200 with what is new, oldest first, and each event once when Location is followed', async () => {
    const rig = await started();
    const first = await rig.poll();
    await rig.publish([row(one, 85), row(two, 2), free('c', 0)]);
    await rig.publish([row(one, 101), row(two, 55), free('c', 4)]);
    const news = await rig.poll(locationOf(first));
    expect(news.status).toBe(200);
    expect(news.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(news.body)),
      'retry-after': '300',
    });
    expect(shorts(news)).toEqual([`${one} 80*`, `${one} 100*`, `${two} 50*`, 'c firstSpendWithoutBudget']);
    expect(await rig.poll(locationOf(news))).toMatchObject({ status: 202, headers: { location: locationOf(news) } });
  });

  it('repeats the very same events to whoever asks where it asked before', async () => {
    const rig = await started();
    const first = await rig.poll();
    await rig.publish([row(one, 85), row(two, 2)]);
    const news = await rig.poll(locationOf(first));
    expect((await rig.poll(locationOf(first))).body).toBe(news.body);
    await rig.publish([row(one, 95), row(two, 2)]);
    const more = await rig.poll(locationOf(first));
    expect(more.events.slice(0, 1)).toEqual(news.events);
    expect(shorts(more)).toEqual([`${one} 80*`, `${one} 90*`]);
  });

  it('tells a first poll nothing old', async () => {
    const rig = await started();
    await rig.publish([row(one, 85)]);
    const first = await rig.poll();
    expect(first.status).toBe(202);
    await rig.publish([row(one, 92)]);
    expect(shorts(await rig.poll(locationOf(first)))).toEqual([`${one} 90*`]);
  });

  it.each([
    ['threshold=50', [`${one} 50`, `${two} 50*`]],
    ['threshold=80', [`${one} 80*`]],
    ['threshold=100', []],
    ['kind=firstSpendWithoutBudget', ['c firstSpendWithoutBudget']],
    ['kind=projectedOverBudget', []],
    ['kind=budgetThreshold,firstSpendWithoutBudget', [`${one} 80*`, `${two} 50*`, 'c firstSpendWithoutBudget']],
    [`customerId=${two.toUpperCase()}`, [`${two} 50*`]],
    [`threshold=50&kind=budgetThreshold&customerId=${one},${two}`, [`${one} 50`, `${two} 50*`]],
  ])('gives only what %s asks for, and goes on asking', async (query, expected) => {
    const rig = await started();
    const first = await rig.poll(`?${query}`);
    await rig.publish([row(one, 85), row(two, 55), free('c', 3)]);
    const news = await rig.poll(locationOf(first));
    expect(shorts(news)).toEqual(expected);
    expect(news.status).toBe(expected.length === 0 ? 202 : 200);
    const { searchParams } = new URL(locationOf(news));
    searchParams.delete('since');
    const wanted = new URLSearchParams(query.toLowerCase().replace('kind', 'KIND'));
    expect([...searchParams.values()].map((text) => text.toLowerCase()).toSorted()).toEqual(
      [...wanted.values()].toSorted(),
    );
    expect((await rig.poll(locationOf(news))).status).toBe(202);
  });

  it('puts Location below PUBLIC_BASE_URL', async () => {
    const rig = await started({ publicBaseUrl: 'https://usage.contoso.com/prefix' });
    expect(locationOf(await rig.poll())).toMatch(/^https:\/\/usage\.contoso\.com\/prefix\/api\/budget-events\?since=/);
  });

  it('gives at most 1000 events, and the rest with the next poll at once', async () => {
    const rig = createEventRig({ now });
    await rig.publish(many(1));
    const first = await rig.poll();
    await rig.publish(many(55));
    const some = await rig.poll(locationOf(first));
    const rest = await rig.poll(locationOf(some));
    expect([some.events.length, some.headers['retry-after']]).toEqual([1000, '1']);
    expect([rest.events.length, rest.headers['retry-after']]).toEqual([500, '300']);
    expect(new Set([...some.events, ...rest.events].map(({ id }) => id)).size).toBe(1500);
  });

  it('answers HEAD like GET without a body', async () => {
    const rig = await started();
    const first = await rig.poll('', 'HEAD');
    await rig.publish([row(one, 85)]);
    const news = await rig.poll(locationOf(first), 'HEAD');
    expect(news).toMatchObject({
      status: 200,
      body: '',
      headers: { location: locationOf(await rig.poll(locationOf(first))) },
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
    ['kind=budget', 'kind', 'InvalidParameter', ['budgetThreshold', 'firstSpendWithoutBudget', 'projectedOverBudget']],
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

describe('budget events when storage fails', () => {
  it('lose nothing to a poller when the log is lost, and the loss is logged', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    rig.memory.blobs.delete(rig.memory.pointer()?.snapshot?.eventsBlob ?? '');
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    const waiting = await restarted.poll(locationOf(first));
    expect(waiting).toMatchObject({ status: 202, headers: { location: locationOf(first) } });
    const late = await restarted.poll();
    expect(late.status).toBe(202);

    await restarted.publish([row(one, 85), row(two, 55)]);
    expect(restarted.log.events).toMatchObject([
      { event: 'events.log-lost', code: 'StorageUnavailable', reason: 'missing' },
      { event: 'events.found', count: 2, budgetThreshold: 2, firstSpendWithoutBudget: 0, projectedOverBudget: 0 },
      { event: 'refresh.published' },
    ]);
    for (const poller of [first, waiting, late]) {
      expect(shorts(await restarted.poll(locationOf(poller)))).toEqual([`${one} 80*`, `${two} 50*`]);
    }
    expect(JSON.stringify(restarted.log.events)).not.toMatch(/Customer|550|850/);
  });

  it('start a new log when the old one is damaged', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    rig.memory.blobs.set(rig.memory.pointer()?.snapshot?.eventsBlob ?? '', Buffer.from('{"foreign":true}\n'));
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    await restarted.publish([row(one, 85)]);
    expect(restarted.log.names()).toEqual(['events.log-lost', 'events.found', 'refresh.published']);
    expect(shorts(await restarted.poll(locationOf(first)))).toEqual([`${one} 80*`]);
  });

  it('tell a first poll nothing old though the log can be read only later', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const blob = rig.memory.pointer()?.snapshot?.eventsBlob ?? '';
    const lines = rig.memory.blobs.get(blob) ?? Buffer.alloc(0);
    rig.memory.blobs.delete(blob);
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    const first = await restarted.poll();
    rig.memory.blobs.set(blob, lines);
    expect((await restarted.poll(locationOf(first))).status).toBe(202);
    await restarted.publish([row(one, 85)]);
    expect(shorts(await restarted.poll(locationOf(first)))).toEqual([`${one} 80*`]);
  });

  it('come to a poller that began before the clock was set back', async () => {
    const rig = await started();
    const first = await rig.poll();
    await rig.publish([row(one, 85)], -600);
    expect((await rig.poll()).status).toBe(202);
    expect(shorts(await rig.poll(locationOf(first)))).toEqual([`${one} 80*`]);
  });

  it('need no comparison when a lost list comes again as it was', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    rig.memory.blobs.delete(rig.memory.pointer()?.snapshot?.blob ?? '');
    await restarted.publish([row(one, 55)]);
    expect(restarted.log.names()).toEqual(['refresh.published']);
    expect(restarted.storedEvents()).toEqual(rig.storedEvents());
    expect(restarted.storedEvents()).toHaveLength(1);
  });

  it('go on after the cache was wiped', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    const fresh = createEventRig({ now: '2026-11-03T09:00:00Z' });
    await fresh.publish([row(one, 70)]);
    expect((await fresh.poll(locationOf(first))).status).toBe(202);
    await fresh.publish([row(one, 85)]);
    expect(shorts(await fresh.poll(locationOf(first)))).toEqual([`${one} 80*`]);
  });

  it('are not looked for when the last good list is lost: the next one is published all the same', async () => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const log = rig.storedEvents();
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    rig.memory.blobs.delete(rig.memory.pointer()?.snapshot?.blob ?? '');
    await restarted.publish([row(one, 85)]);
    expect(restarted.log.names()).toEqual(['events.not-compared', 'refresh.published']);
    expect(restarted.storedEvents()).toEqual(log);
    await restarted.publish([row(one, 95)]);
    expect(restarted.storedEvents().map((line) => shortOf(JSON.parse(line)))).toEqual([`${one} 50*`, `${one} 90*`]);
  });

  it.each([
    ['list', 'snapshots/'],
    ['log', 'events/'],
  ])('wait for the next refresh while the last good %s is out of reach', async (_what, folder) => {
    const rig = await started();
    await rig.publish([row(one, 55)]);
    const first = await rig.poll();
    const lastGood = rig.memory.pointer()?.snapshot;
    const restarted = createEventRig({ memory: rig.memory, now: '2026-11-03T08:01:00Z' });
    rig.memory.beforeEach((operation) => {
      if (operation.startsWith(`readLines ${folder}`))
        throw new DependencyError('StorageUnavailable', 'storage is down');
    });
    await restarted.publish([row(one, 85)]);
    expect(restarted.memory.pointer()?.snapshot).toEqual(lastGood);
    expect((await createEventRig({ memory: rig.memory, now: '2026-11-03T09:05:00Z' }).poll()).status).toBe(503);
    rig.memory.beforeEach();
    await restarted.publish([row(one, 85)]);
    expect(shorts(await restarted.poll(locationOf(first)))).toEqual([`${one} 80*`]);
  });

  it('come exactly once at whatever step the process dies', async () => {
    const reference = await started();
    await reference.poll();
    const before = reference.memory.operations.length;
    await reference.publish([row(one, 85)]);
    const steps = reference.memory.operations.length - before;
    expect(reference.memory.operations.slice(-3)).toEqual([
      expect.stringMatching(/^writeLines events\/2026-11\/2026-11-03T080000Z-[0-9a-f]{16}\.ndjson\.gz$/),
      expect.stringMatching(/^writeLines snapshots\//),
      'writePointer',
    ]);
    for (let dead = 1; dead <= steps; dead += 1) {
      const rig = await started();
      const first = await rig.poll();
      let step = 0;
      rig.memory.beforeEach(() => {
        step += 1;
        if (step >= dead) throw new DependencyError('StorageUnavailable', 'connection reset');
      });
      await rig.publish([row(one, 85)]);
      rig.memory.beforeEach();
      await rig.publish([row(one, 85)]);
      const news = await rig.poll(locationOf(first));
      expect(shorts(news)).toEqual([`${one} 80*`]);
      expect((await rig.poll(locationOf(news))).status).toBe(202);
    }
  });
});
