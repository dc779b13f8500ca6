import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAppFolder, type HostUnderTest, sendRaw, startHostUnderTest } from '../support/host/functions-host.ts';

const id = '0b1f7e3a-1111-4222-8333-444455556666';
const toldSchema = z.object({
  name: z.string(),
  url: z.string(),
  query: z.array(z.tuple([z.string(), z.string()])),
  params: z.record(z.string(), z.string()),
  headers: z.array(z.tuple([z.string(), z.string()])),
});

describe('routes of the development host', () => {
  let host: HostUnderTest;
  beforeAll(async () => {
    host = await startHostUnderTest(createAppFolder(), {
      env: { TICK_SCHEDULE: '0 0 3 * * *' },
    });
  });
  afterAll(async () => {
    await host.stop();
  });

  async function tell(path: string) {
    const reply = await host.send(path);
    expect(reply.status).toBe(200);
    return toldSchema.parse(JSON.parse(reply.body));
  }

  it.each([
    [`/api/items/${id}`, { id }],
    [`/API/ITEMS/${id.toUpperCase()}/`, { id: id.toUpperCase() }],
    [`/api/items/${id.replaceAll('-', '')}`, { id: id.replaceAll('-', '') }],
    [`/api/items/{${id}}`, { id: `{${id}}` }],
    [`/api/x/%2e%2e/./items/${id}`, { id }],
    [`/api/rest/../items/${id}`, { id }],
    ['/api/two/1/2', { a: '1', b: '2' }],
    ['/api/plain', {}],
    ['/api/overlap/a%2Fb', { id: 'a%2Fb' }],
    ['/api/overlap/a%252Fb%2520', { id: 'a%2Fb%20' }],
    ['/api/overlap/caf%C3%A9', { id: 'café' }],
    ['/api/overlap/%FF', { id: '%FF' }],
  ])('gives %s its route values', async (path, params) => {
    expect((await tell(path)).params).toEqual(params);
  });

  it.each([
    ['GET', '/api/unknown'],
    ['GET', `//api/items/${id}`],
    ['GET', `/api//items/${id}`],
    ['POST', `/api/items/${id}`],
    ['OPTIONS', `/api/items/${id}`],
    ['HEAD', '/api/plain'],
    ['GET', '/api/items/not-a-guid'],
    ['GET', `/api/items/{${id}`],
    ['GET', `/api/items/${id}/more`],
    ['GET', '/api/two/1'],
    ['GET', '/api/bad/1'],
    ['GET', '/admin/host/status'],
  ])('answers %s %s 404 without body', async (method, path) => {
    const reply = await host.send(path, { method });
    expect(reply).toMatchObject({ status: 404, body: '' });
    expect(reply.headers).toMatchObject({ 'content-length': '0', server: 'Kestrel', 'x-custom': 'on every answer' });
  });

  it('takes the function whose name sorts first where two routes match', async () => {
    expect((await tell('/api/overlap/special')).name).toBe('a-special');
    expect((await tell('/api/overlap/other')).name).toBe('b-general');
  });

  it('joins repeated names of the query ignoring case and keeps the URL as received', async () => {
    const told = await tell('/api/plain?a=1&a=2&A=3&b=x%20y+z&c&code=k');
    expect(told.query).toEqual([
      ['a', '1,2,3'],
      ['b', 'x y z'],
      ['c', ''],
      ['code', 'k'],
    ]);
    expect(told.url).toBe(`http://127.0.0.1:${new URL(host.base).port}/api/plain?a=1&a=2&A=3&b=x%20y+z&c&code=k`);
  });

  it('joins repeated headers, cookies too, with a comma', async () => {
    const lines = 'X-Twice: 1\r\nx-twice: 2\r\nCookie: a=1\r\nCookie: b=2\r\nHost: api.example\r\nConnection: close';
    const text = await sendRaw(host.base, `GET /api/plain HTTP/1.1\r\n${lines}\r\n\r\n`);
    expect(text).toContain('["cookie","a=1,b=2"]');
    expect(text).toContain('["x-twice","1,2"]');
    expect(text).toContain('"url":"http://api.example/api/plain"');
  });

  it('answers HEAD where it is listed, without a length', async () => {
    const reply = await host.send(`/api/items/${id}`, { method: 'HEAD' });
    expect(reply).toMatchObject({ status: 200, body: '' });
    expect(reply.headers).not.toHaveProperty('content-length');
    expect(reply.headers).not.toHaveProperty('transfer-encoding');
  });

  it.each([
    ['bad-constraint', '"{x:nonsense}" is not known'],
    ['bad-parameter', '"{x}-{y}" is not known'],
    ['bad-level', 'the authLevel "nobody" is not known'],
    ['bad-route', 'the route conflicts with one of the host'],
    ['host', 'the name is not a valid one'],
    ['items-twice', 'the function "items" has the same route and a common method'],
    ['keyeD', 'another function has the same name'],
    ['no-schedule', "'%NO_SUCH_SETTING%' does not resolve to a value"],
    ['queue', 'this host has no queueTrigger'],
  ])('leaves %s out, saying why, while the others run', (name, reason) => {
    const message = `The '${name}' function is in error: ${reason}`;
    expect(host.entries).toContainEqual(expect.objectContaining({ level: 'error', category: 'Host.Startup', message }));
  });
});
