import { beforeAll, describe, expect, it } from 'vitest';
import { invoke } from '../../support/functions/invocation.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload, createRows } from '../../support/lists/usage-rows.ts';

const list = '/api/customers/usagerecords';
const customerId = '11111111-6fb9-4b05-8f15-b3d72e0596e6';
const one = `${list}/${customerId}`;
const ready = '/api/health/ready';
const guidForm = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const nobody = `${list}/99999999-9999-4999-8999-999999999999`;

const functions = createUsageFunctions();
const handlers = new Map([
  [list, functions.list],
  [ready, functions.ready],
  ['/api/health/live', functions.live],
]);

beforeAll(async () => {
  const rows = [{ id: customerId, totalCost: 5 }, ...createRows(11)];
  functions.rig.serve(() => Promise.resolve(createDownload(rows)));
  await functions.refresh();
});

async function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  const { pathname } = new URL(path, 'http://localhost');
  const params = { customerId: pathname.slice(list.length + 1) };
  return invoke(handlers.get(pathname) ?? functions.customer, path, { headers, method, params });
}

describe('HEAD', () => {
  it.each([list, `${list}?top=2&maxpagesize=1`, one, nobody, `${list}?top=0`, ready, '/api/health/live'])(
    'of %s answers what GET does, without a body',
    async (path) => {
      const [whole, head] = [await get(path), await get(path, {}, 'HEAD')];
      expect(head).toMatchObject({ status: whole.status, body: '' });
      for (const name of ['content-type', 'etag', 'last-modified', 'cache-control', 'vary', 'x-ms-error-code']) {
        expect(head.headers[name]).toBe(whole.headers[name]);
      }
      expect(head.headers['x-ms-request-id']).toMatch(guidForm);
    },
  );

  it('answers 304 as well, and gives no length, which a body of nothing would belie', async () => {
    const { headers } = await get(list, {}, 'HEAD');
    expect(headers).not.toHaveProperty('content-length');
    const again = await get(list, { 'if-none-match': String(headers['etag']) }, 'HEAD');
    expect(again).toMatchObject({ status: 304, body: '' });
  });
});

describe('Accept', () => {
  it.each([
    '*/*',
    'application/*',
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;odata.metadata=none',
    'text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8',
    'text/csv;q=0.1, application/json',
  ])('%s is answered with JSON', async (accept) => {
    for (const path of [list, one]) {
      const reply = await get(path, { accept });
      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });

  it.each([
    'image/png',
    'application/xml',
    'text/html',
    'application/json;q=0',
    '*/*;q=0',
    'json',
    'application/jsonx',
  ])('%s is a 406 that lists what there is', async (accept) => {
    for (const path of [list, one]) {
      const reply = await get(path, { accept });
      expect(reply).toMatchObject({
        status: 406,
        json: {
          code: 'NotAcceptable',
          detail: 'Send no Accept header, or one that takes application/json or text/csv.',
        },
      });
      expect(reply.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'x-ms-error-code': 'NotAcceptable',
      });
    }
  });

  it.each(['text/csv', 'text/*', 'text/csv, application/json;q=0.1', 'application/json;q=0, */*'])(
    '%s is answered with CSV',
    async (accept) => {
      for (const path of [list, one]) {
        const reply = await get(path, { accept });
        expect(reply.status).toBe(200);
        expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
      }
    },
  );

  it.each([
    ['application/problem+json', 'application/problem+json'],
    ['text/csv, application/problem+json;q=0.1', 'application/problem+json'],
    ['application/problem+json;q=0, */*', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['application/*', 'application/json; charset=utf-8'],
    ['image/png', 'application/json; charset=utf-8'],
  ])('%s has errors answered as %s', async (accept, type) => {
    for (const path of [`${list}?top=0`, nobody]) {
      const reply = await get(path, { accept });
      expect(reply.headers['content-type']).toBe(type);
      expect(Object(reply.json).code).toBe(reply.headers['x-ms-error-code']);
    }
  });

  it('gives way to format', async () => {
    for (const path of [list, one]) {
      expect((await get(`${path}?format=json`, { accept: 'text/csv' })).status).toBe(200);
    }
  });

  it('does not matter to a problem or to health', async () => {
    expect((await get(`${list}?top=0`, { accept: 'image/png' })).status).toBe(400);
    expect((await get(ready, { accept: 'text/csv' })).status).toBe(200);
  });
});

describe('a conditional request', () => {
  it('without a right answer to compare with gets its problem', async () => {
    const future = new Date(Date.now() + 86_400_000).toUTCString();
    expect((await get(nobody, { 'if-none-match': '*' })).status).toBe(404);
    expect((await get(nobody, { 'if-modified-since': future })).status).toBe(404);
    expect((await get(`${list}?top=0`, { 'if-none-match': '*' })).status).toBe(400);
  });

  it('by date is answered 304 until a newer snapshot comes', async () => {
    const { headers } = await get(list);
    const fetched = String(headers['last-modified']);
    const before = new Date(Date.parse(fetched) - 1000).toUTCString();
    expect((await get(list, { 'if-modified-since': fetched })).status).toBe(304);
    expect((await get(list, { 'if-modified-since': before })).status).toBe(200);
    expect((await get(list, { 'if-modified-since': 'yesterday' })).status).toBe(200);
    // RFC 9110, 13.1.3: If-None-Match decides alone.
    expect((await get(list, { 'if-modified-since': fetched, 'if-none-match': '"x"' })).status).toBe(200);
    expect((await get(list, { 'if-none-match': '*' })).status).toBe(304);
  });
});

describe('the ids of an answer', () => {
  const correlationId = '0B7C1D52-3B0E-4A5E-9F6F-2F6B6F4F1A11';
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  it.each([list, one, ready, '/api/health/live'])('stand in the headers of %s, new each time', async (path) => {
    const ids = await Promise.all([get(path), get(path)]);
    const given = ids.map(({ headers }) => String(headers['x-ms-request-id']));
    for (const id of given) expect(id).toMatch(guidForm);
    expect(new Set(given).size).toBe(2);
  });

  it.each([`${list}?top=0`, nobody, `${one}?top=1`])('of the problem at %s is its instance', async (path) => {
    const reply = await get(path);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.json).toMatchObject({
      instance: reply.headers['x-ms-request-id'],
      code: reply.headers['x-ms-error-code'],
      status: reply.status,
    });
  });

  it('take over a well-formed MS-CorrelationId', async () => {
    const { headers } = await get(list, { 'MS-CorrelationId': correlationId });
    expect(headers['ms-correlationid']).toBe(correlationId.toLowerCase());
    expect(headers['x-ms-request-id']).not.toBe(headers['ms-correlationid']);
    expect(headers).not.toHaveProperty('traceparent');
  });

  it.each(['job 7', `${correlationId}x`, '<script>', `{${correlationId}}`, 'a'.repeat(400), '{"event":"x"}'])(
    'replace the MS-CorrelationId %s, which is nowhere repeated',
    async (given) => {
      const reply = await get(list, { 'MS-CorrelationId': given });
      expect(reply.status).toBe(200);
      expect(reply.headers['ms-correlationid']).toBe(reply.headers['x-ms-request-id']);
      expect(JSON.stringify(reply)).not.toContain(JSON.stringify(given).slice(1, -1));
    },
  );

  it('pass a well-formed traceparent on, and drop another', async () => {
    const { headers } = await get(list, { traceparent });
    expect(headers).toMatchObject({ traceparent, 'ms-correlationid': '4bf92f35-77b3-4da6-a3ce-929d0e0e4736' });
    expect((await get(list, { traceparent: 'not one' })).headers).not.toHaveProperty('traceparent');
  });
});
