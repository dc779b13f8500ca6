import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

const list = '/api/customers/usagerecords';
const gzip = { 'accept-encoding': 'gzip, deflate, br' };

describe('compression', () => {
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    stage = await startStage({ customers: 240 });
    app = await stage.startApp();
    await app.tick();
  });
  afterAll(() => stage.end());

  it.each(['', '?top=3', '?minPercentUsed=80&orderby=percentUsed%20desc', '?maxpagesize=50'])(
    'sends the same bytes gzipped as plain for %j, the first time and from what is kept',
    async (query) => {
      const first = await app.get(`${list}${query}`, gzip);
      const plain = await app.get(`${list}${query}`);
      const again = await app.get(`${list}${query}`, gzip);
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(plain.headers['content-length']).toBe(String(plain.bytes.length));
      for (const zipped of [first, again]) {
        expect(gunzipSync(zipped.bytes)).toEqual(plain.bytes);
        expect(zipped.headers).toMatchObject({
          'content-encoding': 'gzip',
          'content-length': String(zipped.bytes.length),
          'content-type': 'application/json; charset=utf-8',
          vary: 'Accept, Accept-Encoding',
          etag: plain.headers.etag,
        });
        expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 2);
      }
    },
  );

  it('keeps links to the host that was asked', async () => {
    for (const host of ['usage.contoso.com', 'usage.fabrikam.com', 'usage.contoso.com']) {
      const { bytes } = await app.get(`${list}?maxpagesize=10`, { ...gzip, host });
      expect(gunzipSync(bytes).toString()).toContain(`"nextLink":"http://${host}${list}?`);
    }
  });

  it('gives up what is kept when the list changes, and when only its age does', async () => {
    const path = `${list}?maxpagesize=20`;
    const bodyOf = async () => gunzipSync((await app.get(path, gzip)).bytes).toString();
    const before = await bodyOf();
    await stage.advanceHours(1.6);
    expect(await bodyOf()).toBe(before.replace('"state":"fresh"', '"state":"stale"'));
    const { resourceId } = JSON.parse(before).value[2];
    await stage.control({ setRecord: { customerId: resourceId, raw: { totalCost: '5.00000000000000000003' } } });
    expect((await app.post('/api/refresh')).status).toBe(200);
    const after = await bodyOf();
    expect(after).toContain('"totalCost":5.00000000000000000003');
    expect(after).toContain('"state":"fresh"');
  });
});
