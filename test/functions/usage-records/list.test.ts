import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../../shared/errors.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload, createRows } from '../../support/lists/usage-rows.ts';

const list = '/api/customers/usagerecords';
const outage = () => Promise.reject(new DependencyError('UpstreamUnavailable', 'down'));

async function warmed(options: Parameters<typeof createUsageFunctions>[0] = {}) {
  const functions = createUsageFunctions(options);
  await functions.refresh();
  return functions;
}

describe('GET /api/customers/usagerecords', () => {
  it('answers the records with their age in body and headers', async () => {
    const { list: handler } = await warmed();
    const answer = await invoke(handler, `${list}?minUsdTotalCost=0&top=1`);
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(answer.body)),
        'cache-control': 'private, max-age=60, stale-while-revalidate=300, stale-if-error=86400',
        'cache-status': 'usage; hit; ttl=5400; detail=fresh; period="2026-11"',
        'last-modified': 'Fri, 20 Nov 2026 12:00:00 GMT',
        vary: 'Accept, Accept-Encoding',
        'x-ms-request-id': answer.invocationId,
        'ms-correlationid': answer.invocationId,
      },
      json: {
        value: [{ resourceId: '00000000-0000-4000-8000-000000000000', totalCost: 1 }],
        totalCount: 4,
        snapshot: {
          period: '2026-11',
          fetchedAt: '2026-11-20T12:00:00.000Z',
          state: 'fresh',
          recordCount: 4,
          estimate: true,
        },
      },
    });
    expect(answer.json).not.toHaveProperty('nextLink');
    expect(answer.headers['etag']).toMatch(/^W\/"[\w-]{27}"$/);
    expect(answer.events).toEqual([]);
  });

  it('answers thousands of records as Partner Center lists them', async () => {
    const { list: handler, refresh, rig } = createUsageFunctions();
    const download = createDownload(createRows(4500));
    rig.serve(() => Promise.resolve(download));
    await refresh();
    const answer = await invoke(handler, `${list}?maxpagesize=10000`, { headers: { 'accept-encoding': 'gzip' } });
    const records = download.snapshot.lines.toString().trimEnd().replaceAll('\n', ',');
    expect(answer.body.startsWith(`{"value":[${records}],"totalCount":4500,`)).toBe(true);
  });

  it.each([200, 304])('answers a request that comes again with the age of that moment (%i)', async (status) => {
    const functions = await warmed();
    const { headers } = await invoke(functions.list, list);
    functions.rig.advanceMinutes(2);
    const known = status === 304 ? { 'if-none-match': headers['etag'] ?? '' } : {};
    expect(await invoke(functions.list, list, { headers: known })).toMatchObject({
      status,
      headers: { etag: headers['etag'], 'cache-status': 'usage; hit; ttl=5280; detail=fresh; period="2026-11"' },
    });
  });

  it.each([
    [{}, 'http://localhost:7071/api/customers/usagerecords?maxpagesize=3&cursor='],
    [
      { publicBaseUrl: 'https://usage.contoso.com/x' },
      'https://usage.contoso.com/x/api/customers/usagerecords?maxpagesize=3&cursor=',
    ],
  ])('links to the next page, with %o from there', async (options, start) => {
    const { list: handler } = await warmed(options);
    const first = await invoke(handler, `${list}?maxpagesize=3&code=secret`);
    const link = String(Object(first.json).nextLink);
    expect(link.slice(0, -22)).toBe(start);
    const second = await invoke(handler, `${list}${new URL(link).search}`);
    expect(second.json).toMatchObject({ value: [{ totalCost: 4 }], totalCount: 4 });
    expect(second.json).not.toHaveProperty('nextLink');
  });

  it('links to the host that the caller asked, whoever asked before', async () => {
    const { list: handler } = await warmed();
    for (const host of ['https://usage.contoso.com', 'https://usage.fabrikam.com', 'https://usage.contoso.com']) {
      const { json } = await invoke(handler, `${host}${list}?maxpagesize=3`);
      expect(new URL(Object(json).nextLink).origin).toBe(host);
    }
  });

  it('does not complain of a cursor when another parameter is wrong', async () => {
    const { list: handler } = await warmed();
    const { json } = await invoke(handler, `${list}?maxpagesize=3&hasBudget=false`);
    const { search } = new URL(Object(json).nextLink);
    expect(await invoke(handler, list + search.replace('false', 'maybe'))).toMatchObject({
      status: 400,
      json: { code: 'InvalidParameter', errors: [{ parameter: 'hasBudget' }] },
    });
  });

  it('asks the pointer before it calls a cursor expired', async () => {
    const functions = await warmed();
    const first = await invoke(functions.list, `${list}?maxpagesize=3`);
    const other = createUsageFunctions({
      rig: createRefreshRig({ memory: functions.rig.memory, now: '2026-11-20T13:00:00Z' }),
    });
    other.rig.serve(() => Promise.resolve(createDownload(createRows(5))));
    await other.refresh();
    const news = await invoke(other.list, `${list}?maxpagesize=3`);
    const [oldPath, newPath] = [first, news].map(({ json }) => `${list}${new URL(Object(json).nextLink).search}`);
    expect((await invoke(functions.list, oldPath ?? '')).status).toBe(200);
    expect((await invoke(functions.list, newPath ?? '')).json).toMatchObject({
      value: [{ totalCost: 4 }, { totalCost: 5 }],
    });
    expect(await invoke(functions.list, oldPath ?? '')).toMatchObject({ status: 410, json: { code: 'CursorExpired' } });
  });

  it('says why in body and headers when the data gets old', async () => {
    const functions = await warmed();
    const before = await invoke(functions.list, list);
    functions.rig.serve(outage);
    functions.rig.advanceMinutes(100);
    await functions.refresh();
    const answer = await invoke(functions.list, list, {
      headers: { 'if-modified-since': 'Fri, 20 Nov 2026 12:00:00 GMT' },
    });
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'cache-status': 'usage; hit; ttl=-600; detail=stale; period="2026-11"; reason=UpstreamUnavailable',
        'last-modified': 'Fri, 20 Nov 2026 12:00:00 GMT',
      },
      json: { snapshot: { state: 'stale', reason: 'UpstreamUnavailable' } },
    });
    expect(answer.headers['etag']).not.toBe(before.headers['etag']);
    expect(answer.events.map(({ event, level }) => `${level} ${event}`)).toEqual(['warning read.degraded']);
  });

  it('answers 503 with the reason and when to come again while there is nothing to serve', async () => {
    const functions = createUsageFunctions();
    functions.rig.serve(outage);
    const answer = await invoke(functions.list, list);
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '60', 'x-ms-error-code': 'CacheEmpty' },
      json: { code: 'CacheEmpty', reason: 'UpstreamUnavailable', instance: answer.invocationId },
    });
    expect(answer.events).toContainEqual({
      level: 'error',
      event: 'read.unavailable',
      requestId: answer.invocationId,
      code: 'CacheEmpty',
      reason: 'UpstreamUnavailable',
    });
  });

  it('answers 503 StorageUnavailable on a cold start without storage', async () => {
    const functions = createUsageFunctions();
    functions.rig.memory.beforeEach(() => {
      throw new DependencyError('StorageUnavailable', 'down', { retryAfterMs: 2500 });
    });
    expect(await invoke(functions.list, list)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '3' },
      json: { code: 'StorageUnavailable' },
    });
  });
});

describe('a conditional GET', () => {
  it('with the last ETag is answered 304 without touching a row, in whatever form the ETag comes', async () => {
    const functions = await warmed();
    const { headers } = await invoke(functions.list, `${list}?hasBudget=false`);
    const etag = String(headers['etag']);
    for (const ifNoneMatch of [etag, etag.replace('W/', ''), `"x", ${etag} ,W/"y"`]) {
      const again = await invoke(functions.list, `${list}?skip=0&hasBudget=false`, {
        headers: { 'if-none-match': ifNoneMatch },
      });
      expect(again).toMatchObject({
        status: 304,
        body: '',
        headers: { etag, 'last-modified': headers['last-modified'] },
      });
      expect(again.headers['cache-status']).toBe(headers['cache-status']);
    }
    for (const ifNoneMatch of ['', '"x"', etag.toLowerCase(), etag.slice(2, -1)]) {
      const again = await invoke(functions.list, `${list}?hasBudget=false`, {
        headers: { 'if-none-match': ifNoneMatch },
      });
      expect(again.status).toBe(200);
    }
  });

  it('by date is not answered 304 once there is a reason to tell', async () => {
    const functions = await warmed();
    functions.rig.serve(outage);
    functions.rig.advanceMinutes(61);
    await functions.refresh();
    const headers = { 'if-modified-since': 'Fri, 20 Nov 2026 12:00:00 GMT' };
    expect((await invoke(functions.list, list, { headers })).json).toMatchObject({
      snapshot: { state: 'fresh', reason: 'UpstreamUnavailable' },
    });
  });

  it('keeps its ETag over a refresh with equal content, and has a new one with the content', async () => {
    const functions = await warmed();
    const before = await invoke(functions.list, list);
    functions.rig.advanceMinutes(60);
    await functions.refresh();
    const after = await invoke(functions.list, list);
    expect(after.headers['etag']).toBe(before.headers['etag']);
    expect(after.headers['last-modified']).toBe('Fri, 20 Nov 2026 13:00:00 GMT');
    functions.rig.serve(() => Promise.resolve(createDownload(createRows(5))));
    functions.rig.advanceMinutes(60);
    await functions.refresh();
    expect((await invoke(functions.list, list)).headers['etag']).not.toBe(before.headers['etag']);
  });
});
