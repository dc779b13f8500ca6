import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';
import { openContainer } from '../stage/usage-container.ts';

const list = '/api/customers/usagerecords';
const refreshTokenName = 'partner-center-refresh-token';
const clientSecretName = 'partner-center-client-secret';

/** The documented example's records, digit by digit. */
const documentedDigits = [
  '"totalCost":120.5682999999995904716',
  '"usdTotalCost":12.39999999999999985235',
  '"totalCost":27.23292827625710931604',
  '"usdTotalCost":33.280000000000001044',
];

let stage: Stage;
let app: App;

beforeAll(async () => {
  stage = await startStage();
  app = await stage.startApp();
  await app.tick();
});
afterAll(() => stage.end());

describe('the main job', () => {
  it('serves the records of Partner Center from the warmed snapshot', async () => {
    const reply = await app.get(`${list}?top=4`);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.json).toMatchObject({
      value: [
        { resourceName: 'LEGACY AZURE CUSTOMER SE', isUpgraded: false, percentUsed: 0, currencyLocale: 'fr-FR' },
        { resourceName: 'Modern Azure Customer SE', percentUsed: 602.84, currencyCode: 'SEK' },
        { resourceName: 'Test_Test_MA20190829_14', percentUsed: 0, currencyCode: 'GBP' },
        { resourceName: 'Modern Azure Customer UK', percentUsed: 28.08, currencyCode: 'GBP' },
      ],
      totalCount: 60,
      snapshot: { state: 'fresh', recordCount: 60, estimate: true },
    });
  });

  it.each([
    ['the list', ''],
    ['a filtered list', '?minPercentUsed=0&search=customer'],
    ['a sorted list', '?orderby=totalCost desc&currencyCode=SEK'.replaceAll(' ', '%20')],
  ])('keeps every digit in %s', async (_case, query) => {
    const { body } = await app.get(`${list}${query}`);
    expect(body).toContain(documentedDigits[0]);
    expect(body).toContain(documentedDigits[1]);
  });

  it('keeps every digit page by page, and the pages make the list', async () => {
    const whole = await app.get(list);
    const values: string[] = [];
    for (let path: string | undefined = `${list}?maxpagesize=7`; path !== undefined;) {
      const page = await app.get(path);
      expect(page.status).toBe(200);
      values.push(page.body.slice('{"value":['.length, page.body.indexOf('],"totalCount":')));
      const { nextLink } = { nextLink: undefined, ...Object(page.json) };
      path = typeof nextLink === 'string' ? nextLink.replace(app.base, '') : undefined;
    }
    expect(values).toHaveLength(9);
    expect(whole.body.startsWith(`{"value":[${values.join(',')}],`)).toBe(true);
    for (const digits of documentedDigits) expect(values.join(',')).toContain(digits);
  });

  it('keeps every digit one by one', async () => {
    const { json } = await app.get(`${list}?search=modern%20azure`);
    const ids: string[] = Object(json).value.map((record: { resourceId: string }) => record.resourceId);
    expect(ids).toHaveLength(2);
    const bodies = await Promise.all(ids.map(async (id) => (await app.get(`${list}/${id}`)).body));
    for (const digits of documentedDigits) expect(bodies.join('')).toContain(digits);
  });

  it('answers both rows of a customer that has a legacy subscription and a plan, whatever the form of the id', async () => {
    const { json } = await app.get(list);
    const ids: string[] = Object(json).value.map((record: { resourceId: string }) => record.resourceId.toLowerCase());
    const twice = ids.find((id, position) => ids.indexOf(id) !== position) ?? '';
    for (const form of [twice, twice.toUpperCase(), `%7B${twice}%7D`, twice.replaceAll('-', '')]) {
      expect((await app.get(`${list}/${form}`)).json).toMatchObject({
        value: [{ isUpgraded: false }, { isUpgraded: true }],
        totalCount: 2,
      });
    }
  });

  it('answers 404 CustomerNotFound for a customer without a row', async () => {
    const reply = await app.get(`${list}/99999999-9999-4999-8999-999999999999`);
    expect(reply).toMatchObject({ status: 404, json: { code: 'CustomerNotFound' } });
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('causes no upstream call by 300 reads, nor by a second process on the same storage', async () => {
    const before = await stage.control();
    const replies = await Promise.all(Array.from({ length: 300 }, () => app.get(`${list}?top=5`)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const second = await stage.startApp();
    const [first, other] = await Promise.all([app.get(list), second.get(list)]);
    expect(other.body.replaceAll(second.base, app.base)).toBe(first.body);
    const after = await stage.control();
    for (const kind of ['usagerecords', 'token', 'secretGet', 'secretSet']) {
      expect(after.calls[kind]).toBe(before.calls[kind]);
    }
    await second.stop();
  });

  it('reaches vault, Entra and blobs over TLS with tokens, and holds no secret in a setting', async () => {
    const { requests } = await stage.control();
    const vaultAndBlobs = requests.filter(({ service }) => service === 'key-vault' || service === 'storage');
    expect(vaultAndBlobs.length).toBeGreaterThan(0);
    expect(vaultAndBlobs.filter(({ bearer }) => !bearer)).toEqual([]);
    const urls = ['KEY_VAULT_URL', 'USAGE_STORAGE_URL', 'PARTNER_CENTER_AUTHORITY_URL', 'PARTNER_CENTER_API_URL'];
    for (const name of urls) expect(stage.settings[name]).toMatch(/^https:/);
    const settings = JSON.stringify(stage.settings);
    for (const name of [clientSecretName, refreshTokenName]) {
      expect(settings).not.toContain((await stage.secret(name)).value);
    }
  });

  it('answers HEAD like GET without a body', async () => {
    const reply = await app.head(`${list}?top=1`);
    expect(reply).toMatchObject({ status: 200, body: '' });
    expect(reply.headers.etag).toMatch(/^W\/"/);
  });

  it('asks for a key, and tells health/live to anybody', async () => {
    expect(await app.get(list, { 'x-functions-key': 'wrong' })).toMatchObject({ status: 401, body: '' });
    const live = await app.get('/api/health/live', { 'x-functions-key': '' });
    expect(live).toMatchObject({ status: 200, body: '{"status":"pass"}' });
  });

  it('leaves snapshot and daily copy as NDJSON that any tool can read', async () => {
    const names: string[] = [];
    for await (const blob of openContainer(stage).listBlobsFlat()) names.push(blob.name);
    expect(names).toEqual([
      'current.json',
      expect.stringMatching(/^daily\/\d{4}-\d\d\/\d{4}-\d\d-\d\dT\d{6}Z-[\da-f]{16}\.ndjson\.gz$/),
      'refresh.lock',
      expect.stringMatching(/^snapshots\/\d{4}-\d\d\/.*\.ndjson\.gz$/),
    ]);
  });
});

describe('the refresh token', () => {
  it('is rotated by Entra and stored back with exp once the stored one is over a day old', async () => {
    const first = await stage.secret(refreshTokenName);
    await stage.advanceHours(25);
    await app.tick();
    const second = await stage.secret(refreshTokenName);
    expect(second.id).not.toBe(first.id);
    const { clock } = await stage.control();
    const daysLeft = ((second.attributes.exp ?? 0) * 1000 - Date.parse(clock.now)) / 86_400_000;
    expect(Math.round(daysLeft * 100) / 100).toBe(90);
    await stage.advanceHours(25);
    await app.tick();
    const third = await stage.secret(refreshTokenName);
    expect(third.id).not.toBe(second.id);
    expect(app.events.filter(({ event }) => event === 'token.rotated')).toHaveLength(2);
    const logged = JSON.stringify(app.entries);
    for (const { value } of [first, second, third]) expect(logged).not.toContain(value);
  });
});

describe('an empty cache', () => {
  it('is filled by exactly one upstream call for 400 parallel reads over 4 processes', async () => {
    await openContainer(stage, 'empty').create();
    const { calls } = await stage.control({ latencyMs: 500 });
    const apps = await Promise.all(Array.from({ length: 4 }, () => stage.startApp({ USAGE_CONTAINER: 'empty' })));
    const replies = await Promise.all(
      apps.flatMap((one) => Array.from({ length: 100 }, () => one.get(`${list}?top=3`))),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await stage.calls('usagerecords')).toBe((calls['usagerecords'] ?? 0) + 1);
  });
});
