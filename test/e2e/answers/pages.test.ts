import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../../support/http-client.ts';
import { list } from '../faults/fault-walk.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';
import { parseUsageList } from './usage-oracle.ts';

/** Else a jump of the clock runs the timers of all processes. */
const changed = { customerId: '11111111-6fb9-4b05-8f15-b3d72e0596e6' };

let stage: Stage;
let app: App;

beforeAll(async () => {
  stage = await startStage({ customers: 40 });
  // An hour after the list of a day appears, so that it stays the same until a test changes it.
  await stage.advanceToDay(10, 7);
  app = await stage.startApp();
  await app.tick();
});
afterAll(() => stage.end());

/** The link to the page behind `path`. */
async function linkAfter(path: string, from = app): Promise<URL> {
  return new URL(parseUsageList(await from.get(path)).nextLink ?? '');
}

function toPath({ pathname, search }: URL): string {
  return `${pathname}${search}`;
}

describe('nextLink', () => {
  it.each(['?maxpagesize=7', '?maxpagesize=1&skip=35', '?maxpagesize=4&top=11&skip=2&orderby=customerName%20desc'])(
    'of %s leads through all rows, each once, and ends',
    async (query) => {
      const paging = /&?maxpagesize=\d+/;
      const whole = parseUsageList(await app.get(`${list}${query.replace(paging, '').replace('?&', '?')}`));
      const values: unknown[] = [];
      for (let path: string | undefined = `${list}${query}`; path !== undefined;) {
        const page = parseUsageList(await app.get(path));
        expect(page.totalCount).toBe(40);
        values.push(...page.value);
        path = page.nextLink === undefined ? undefined : toPath(new URL(page.nextLink));
      }
      expect(values).toEqual(whole.value);
    },
  );

  it('is absolute below the host the request named, with the request in canonical form', async () => {
    const query = 'top=30&skip=0&currencyCode=none,EUR,%20GBP,EUR&maxpagesize=2&view=full';
    const reply = await app.get(`${list}?${query}`, { host: 'usage.example:8443' });
    const link = new URL(parseUsageList(reply).nextLink ?? '');
    expect(`${link.origin}${link.pathname}`).toBe(`http://usage.example:8443${list}`);
    expect([...link.searchParams]).toEqual([
      ['currencyCode', 'EUR,GBP,none'],
      ['top', '30'],
      ['maxpagesize', '2'],
      ['cursor', expect.stringMatching(/^[\w-]{22}$/)],
    ]);
  });

  it('is below PUBLIC_BASE_URL when that is set, whatever host the request named', async () => {
    const proxied = await stage.startApp({ PUBLIC_BASE_URL: 'https://usage.contoso.com/partner/' });
    const reply = await proxied.get(`${list}?maxpagesize=2`, { host: 'internal' });
    const link = parseUsageList(reply).nextLink ?? '';
    expect(link).toMatch(
      /^https:\/\/usage\.contoso\.com\/partner\/api\/customers\/usagerecords\?maxpagesize=2&cursor=/,
    );
    const next = await proxied.get(`${list}${new URL(link).search}`);
    expect(parseUsageList(next).value).toEqual(parseUsageList(await app.get(`${list}?skip=2&top=2`)).value);
    await proxied.stop();
  });

  it('holds no key, whatever parameter or header it came in', async () => {
    const plain = await app.get(`${list}?maxpagesize=3`);
    const keyed = `${list}?code=test-function-key&maxpagesize=3&clientId=default&CLIENTID=&Code=test-function-key`;
    for (const reply of [await send(app.base, keyed), await app.get(keyed)]) {
      expect(reply.status).toBe(200);
      expect(reply.body).toBe(plain.body);
      expect(reply.headers.etag).toBe(plain.headers.etag);
    }
    expect([...(await linkAfter(keyed)).searchParams.keys()]).toEqual(['maxpagesize', 'cursor']);
    expect(JSON.stringify(app.entries)).not.toContain('test-function-key');
    expect((await send(app.base, `${list}?maxpagesize=3`)).status).toBe(401);
  });
});

describe('a page walk over a refresh', () => {
  it('goes on when the list did not change', async () => {
    await stage.advanceHours(1.01);
    await app.tick();
    const before = parseUsageList(await app.get(`${list}?maxpagesize=7`));
    await stage.advanceHours(1.01);
    await app.tick();
    const after = parseUsageList(await app.get(toPath(new URL(before.nextLink ?? ''))));
    expect(after.snapshot.fetchedAt).not.toBe(before.snapshot.fetchedAt);
    expect(after.value).toHaveLength(7);
  });

  it('goes on in a process that has yet to hear of the new snapshot', async () => {
    const writer = await stage.startApp();
    await stage.control({ setRecord: { ...changed, raw: { totalCost: '131.5' } } });
    await stage.advanceHours(1.01);
    const old = parseUsageList(await app.get(list));
    await writer.tick();
    const link = await linkAfter(`${list}?maxpagesize=7`, writer);
    const page = parseUsageList(await app.get(toPath(link)));
    expect(page.snapshot.fetchedAt).not.toBe(old.snapshot.fetchedAt);
    expect(page.value).toHaveLength(7);
    await writer.stop();
  });

  it('is over with 410 CursorExpired when a new snapshot has come', async () => {
    const link = await linkAfter(`${list}?maxpagesize=7`);
    await stage.control({ setRecord: { ...changed, raw: { totalCost: '132.5' } } });
    await stage.advanceHours(1.01);
    await app.tick();
    const reply = await app.get(toPath(link));
    expect(reply).toMatchObject({
      status: 410,
      json: { status: 410, code: 'CursorExpired', instance: reply.headers['x-ms-request-id'] },
    });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-ms-error-code': 'CursorExpired',
      'cache-control': 'no-store',
    });
    const again = await linkAfter(`${list}?maxpagesize=7`);
    expect((await app.get(toPath(again))).status).toBe(200);
  });
});
