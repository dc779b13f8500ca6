import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { principalWithRoles } from '../../support/functions/principal.ts';
import { send } from '../../support/http-client.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

const list = '/api/customers/usagerecords';
const customer = `${list}/99999999-9999-4999-8999-999999999999`;
const noKey = { 'x-functions-key': '' };
const principal = (...roles: readonly string[]) => ({
  ...noKey,
  'x-ms-client-principal': principalWithRoles(...roles),
});

const reads = [list, customer, '/api/health/ready'];

describe('CALLER_AUTH', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await startStage({ customers: 8 });
    const app = await stage.startApp();
    await app.tick();
    await app.stop();
  });
  afterAll(() => stage.end());

  describe('entra', () => {
    let app: App;

    beforeAll(async () => {
      app = await stage.startApp({ CALLER_AUTH: 'entra', WEBSITE_AUTH_ENABLED: 'True' });
    });

    async function ask(path: string, headers: Readonly<Record<string, string>>) {
      return path === '/api/refresh' ? app.post(path, headers) : app.get(path, headers);
    }

    it.each([...reads, '/api/refresh'])(
      'does not know who sends no principal to %s, with a key or without',
      async (path) => {
        for (const headers of [noKey, {}]) {
          const reply = await ask(path, headers);
          expect(reply).toMatchObject({ status: 401, json: { code: 'Unauthenticated', status: 401 } });
          expect(reply.headers).toMatchObject({
            'www-authenticate': 'Bearer',
            'content-type': 'application/json; charset=utf-8',
            'x-ms-error-code': 'Unauthenticated',
          });
        }
      },
    );

    it('answers whoever has the role, without a key', async () => {
      expect(await app.get(list, principal('Usage.Read'))).toMatchObject({ status: 200, json: { totalCount: 8 } });
      expect(await app.get(customer, principal('Usage.Read'))).toMatchObject({
        status: 404,
        json: { code: 'CustomerNotFound' },
      });
      expect((await app.get('/api/health/ready', principal('Usage.Read', 'Usage.Refresh'))).status).toBe(200);
      expect(await app.post('/api/refresh', principal('Usage.Refresh'))).toMatchObject({ status: 429 });
    });

    it('tells health/live to anybody', async () => {
      expect((await app.get('/api/health/live', noKey)).status).toBe(200);
    });

    it('logs why a caller was refused, and nothing of who', async () => {
      // Once the timer's end is in the log, everything before it is.
      await app.tick();
      app.takeEvents();
      await app.get(list, noKey);
      await app.get(list, principal('Usage.Refresh'));
      await app.tick();
      const refused = app.takeEvents().filter(({ event }) => event === 'caller.refused');
      expect(refused).toEqual([
        { event: 'caller.refused', requestId: expect.any(String), reason: 'principal-missing', role: 'Usage.Read' },
        { event: 'caller.refused', requestId: expect.any(String), reason: 'role-missing', role: 'Usage.Read' },
      ]);
      expect(JSON.stringify(app.entries)).not.toContain('berg');
    });
  });

  describe('entra without the switch of the platform', () => {
    it.each([{}, { WEBSITE_AUTH_ENABLED: 'False' }])('wants a key to say Misconfigured with %j', async (settings) => {
      const app = await stage.startApp({ CALLER_AUTH: 'entra', ...settings });
      const forged = principal('Usage.Read', 'Usage.Refresh');
      for (const path of reads) {
        expect(await app.get(path)).toMatchObject({ status: 503, json: { code: 'Misconfigured' } });
        for (const headers of [noKey, forged]) {
          expect(await app.get(path, headers)).toMatchObject({ status: 401, body: '' });
        }
      }
      expect(await app.post('/api/refresh', forged)).toMatchObject({ status: 401, body: '' });
      expect(await app.get('/api/health/live', noKey)).toMatchObject({ status: 503, json: { code: 'Misconfigured' } });
      expect((await app.get('/api/health/ready')).json).toMatchObject({
        settings: [{ setting: 'CALLER_AUTH', expected: expect.stringContaining('WEBSITE_AUTH_ENABLED=true') }],
      });
      await app.tick();
      expect(app.events.filter(({ event }) => event === 'config.invalid')).toHaveLength(1);
      await app.stop();
    });
  });

  describe('key', () => {
    let app: App;

    beforeAll(async () => {
      app = await stage.startApp({ WEBSITE_AUTH_ENABLED: 'True' });
    });

    it.each([...reads, '/api/refresh'])('wants a key for %s, whatever a principal header says', async (path) => {
      const forged = principal('Usage.Read', 'Usage.Refresh');
      const refused = path === '/api/refresh' ? await app.post(path, forged) : await app.get(path, forged);
      expect(refused).toMatchObject({ status: 401, body: '' });
    });

    it('logs nothing of a liveness check that passes, and everything of a read', async () => {
      const before = app.entries.length;
      expect((await app.get('/api/health/live', noKey)).status).toBe(200);
      expect((await app.get(list)).status).toBe(200);
      await app.tick();
      const categories = new Set(app.entries.slice(before).map(({ category }) => category));
      expect([...categories]).toContain('Function.usage-records');
      expect([...categories].filter((category) => category.startsWith('Function.health-live'))).toEqual([]);
    });

    it.each([
      ['x@y', 400],
      ['1.2.3.4.5', 500],
      ['x:99999', 500],
    ])('logs no key of a request whose Host, %s, makes no URL', async (host, status) => {
      const headers = { host };
      expect((await send(app.base, `${list}?code=test-function-key`, { headers })).status).toBe(status);
      await app.tick();
      expect(JSON.stringify(app.entries)).not.toContain('code=');
    });

    it.each(['?', principalWithRoles(), principalWithRoles('Usage.Read')])(
      'answers as ever beside the header %s',
      async (header) => {
        const plain = await app.get(list);
        const reply = await app.get(list, { 'x-ms-client-principal': header });
        expect(reply).toMatchObject({ status: 200, body: plain.body });
        expect((await app.post('/api/refresh', { 'x-ms-client-principal': header })).status).toBe(429);
      },
    );
  });
});
