import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppFolder, type HostUnderTest, sendRaw, startHostUnderTest } from '../support/host/functions-host.ts';

describe('answers of the development host', () => {
  let host: HostUnderTest;
  beforeAll(async () => {
    host = await startHostUnderTest(createAppFolder(), {
      args: ['--key=the-key', '--master-key=the-master'],
      env: {
        TICK_SCHEDULE: '0 0 3 * * *',
        AzureWebJobsDisableHomepage: 'true',
      },
    });
  });
  afterAll(async () => {
    await host.stop();
  });

  function respond(answer: unknown, method = 'GET') {
    return host.send(`/api/respond?with=${encodeURIComponent(JSON.stringify(answer))}`, { method });
  }

  it.each([
    ['/api/keyed', {}, 401],
    ['/api/keyed', { 'x-functions-key': 'wrong' }, 401],
    ['/api/keyed?code=wrong', {}, 401],
    ['/api/keyed?code=the-key', { 'x-functions-key': 'wrong' }, 401],
    ['/api/keyed?code=wrong', { 'x-functions-key': 'the-key' }, 200],
    ['/api/keyed?CODE=the-key', {}, 200],
    ['/api/keyed', { 'x-functions-key': 'the-master' }, 200],
    ['/api/master-only', { 'x-functions-key': 'the-key' }, 401],
    ['/api/master-only', { 'x-functions-key': 'the-master' }, 200],
    ['/api/plain', {}, 200],
  ])('answers %s with %j by %i', async (path, headers, status) => {
    const reply = await host.send(path, { headers });
    expect(reply.status).toBe(status);
    if (status !== 401) return;
    expect(reply.headers).toMatchObject({ 'content-length': '0', 'x-custom': 'on every answer' });
    expect(reply.headers).not.toHaveProperty('www-authenticate');
  });

  it.each(['throws', 'throws-text', 'non-ascii'])('answers 500 without body when the handler is %s', async (name) => {
    const reply = await host.send(`/api/${name}`);
    expect(reply).toMatchObject({ status: 500, body: '' });
    expect(reply.headers).toMatchObject({ 'content-length': '0', 'x-custom': 'on every answer' });
  });

  it.each([[{ status: 600 }], [{ status: 101 }], [{ body: 'abc', headers: { 'content-length': '2' } }], ['text']])(
    'answers 500 when the function returns %j',
    async (answer) => {
      expect(await respond(answer)).toMatchObject({ status: 500, body: '' });
    },
  );

  it('says in the log only why it answered 500', async () => {
    await host.send('/api/throws');
    const entry = await host.entry(({ level, message }) => level === 'error' && message.includes('thrown on purpose'));
    expect(entry).toMatchObject({ category: 'Function.throws', function: 'throws' });
    await host.entry(({ message }) =>
      /^Executed 'Functions.throws' \(Failed, Id=[-0-9a-f]+, Duration=\d+ms\)$/.test(message),
    );
  });

  it('sends a body chunked, with the headers of the host', async () => {
    const { status, headers, body } = await respond({ body: 'hello', headers: { etag: 'W/"1"', vary: 'accept' } });
    expect({ status, body }).toEqual({ status: 200, body: 'hello' });
    expect(headers).toMatchObject({ server: 'Kestrel', etag: 'W/"1"', vary: 'accept', 'transfer-encoding': 'chunked' });
    expect(Date.parse(String(headers.date))).not.toBeNaN();
    expect(headers).not.toHaveProperty('keep-alive');
  });

  it('passes a length that the app set', async () => {
    const { headers } = await respond({ body: 'hello', headers: { 'content-length': '5' } });
    expect(headers['content-length']).toBe('5');
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it.each([204, 304])('answers %i with its headers and no body', async (status) => {
    const reply = await respond({ status, headers: { etag: '"1"' } });
    expect(reply).toMatchObject({ status, body: '', headers: { etag: '"1"' } });
  });

  it('answers 204 when the function returns nothing, 200 with length 0 when it returns no body', async () => {
    expect(await host.send('/api/nothing')).toMatchObject({ status: 204, body: '' });
    expect(await respond({})).toMatchObject({ status: 200, headers: { 'content-length': '0' } });
  });

  it('answers 500 to cookies, and says that it does not offer them', async () => {
    expect((await respond({ cookies: [{ name: 'a', value: '1' }] })).status).toBe(500);
    await host.entry(({ level, message }) => level === 'error' && message.includes('cookies are not offered'));
  });

  function post(body: string, headers: Readonly<Record<string, string>>) {
    return host.send('/api/echo-body', { method: 'POST', body, headers });
  }

  it('hands over a body with Content-Length, and none that is chunked', async () => {
    expect((await post('hello', { 'content-length': '5' })).body).toBe('hello');
    expect((await post('hello', { 'transfer-encoding': 'chunked' })).body).toBe('');
  });

  it('answers / 204 when the home page is off', async () => {
    expect(await host.send('/')).toMatchObject({ status: 204, headers: { 'x-custom': 'on every answer' } });
  });

  it.each([
    ['400 for %00', '/api/plain%00', '', 400],
    ['400 for a bad Host', '/api/plain', 'a b', 400],
    ['400 for a Host with a user', '/api/plain', 'x@y', 400],
    ['400 for a Host with no port behind the colon', '/api/plain', 'x:', 400],
    ['414 for a long request line', `/api/plain?${'x'.repeat(8300)}`, '', 414],
    ['414 for an endless request line', `/api/plain?${'x'.repeat(60_000)}`, '', 414],
  ])('answers %s and closes', async (_case, path, hostName, status) => {
    const text = await sendRaw(host.base, `GET ${path} HTTP/1.1\r\nHost: ${hostName || 'localhost'}\r\n\r\n`);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*content-length: 0\r\n[^]*\r\n\r\n$`, 'i'));
  });

  it.each(['x_y.example', "!$&'()-._~", '[::1]:7071'])('hands over a request for the Host %s', async (hostName) => {
    const text = await sendRaw(host.base, `GET /api/plain HTTP/1.1\r\nHost: ${hostName}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 200 /);
  });

  it.each(['1.2.3.4.5', 'x:99999'])('answers 500 for the Host %s, whose URL the library refuses', async (hostName) => {
    const text = await sendRaw(host.base, `GET /api/plain HTTP/1.1\r\nHost: ${hostName}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 500 /);
  });

  it.each([33_000, 50_000])('answers 431 for %i bytes of headers and closes', async (length) => {
    const text = await sendRaw(host.base, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(length)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 431 /);
  });

  it('answers 400 and closes for what is no HTTP', async () => {
    expect(await sendRaw(host.base, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });

  it('logs each line of the app at its level under its invocation', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { body } = await host.send('/api/logs', { headers: { traceparent } });
    expect(JSON.parse(body)).toMatchObject({ traceParent: expect.stringMatching(/^00-a{32}-[0-9a-f]{16}-00$/) });
    await host.entry(({ message }) => message.startsWith("Executed 'Functions.logs'"));
    const lines = host.entries.filter((entry) => entry.function === 'logs');
    expect(new Set(lines.map(({ invocationId }) => invocationId)).size).toBe(1);
    expect(lines.slice(0, -1).map(({ level, category, message }) => `${level} ${category} ${message}`)).toEqual([
      "information Function.logs Executing 'Functions.logs'",
      'trace Function.logs.User said at trace',
      'debug Function.logs.User said at debug',
      'information Function.logs.User said at info',
      'warning Function.logs.User said at warn',
      'error Function.logs.User said at error',
    ]);
  });

  it('drops the lines of an invocation that has ended', async () => {
    await host.send('/api/logs-late');
    await host.send('/api/logs-late');
    await host.send('/api/plain');
    await host.entry(({ message }) => message.startsWith("Executed 'Functions.plain'"));
    const lines = host.entries.filter((entry) => entry.category === 'Function.logs-late.User');
    expect(lines.map(({ message }) => message)).toEqual(['said in time', 'said in time']);
  });

  it('refuses a registration after start-up', async () => {
    expect((await host.send('/api/register-late')).status).toBe(500);
    await host.entry(({ message }) => message.includes('can only be registered during app startup: "late"'));
  });
});
