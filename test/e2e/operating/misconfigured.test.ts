import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filterEvents } from '../faults/fault-walk.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

/** Settings that keep the app from working, and what `ready` says each of them expects. */
const settings = {
  USAGE_STORAGE_URL: 'http://hush.blob.core.windows.net/?sig=hush',
  USAGE_CONTAINER: 'Hush_Container',
  PARTNER_CENTER_CLIENT_ID: undefined,
  USAGE_REFRESH_SCHEDULE: 'a b c d e f',
};
const expected = {
  USAGE_STORAGE_URL: 'an https URL, such as https://contoso.blob.core.windows.net',
  USAGE_CONTAINER: 'a container name: 3 to 63 lower-case letters, digits and dashes',
  PARTNER_CENTER_CLIENT_ID: 'a GUID',
  USAGE_REFRESH_SCHEDULE: 'an NCRONTAB expression of six fields, seconds first, in UTC',
};

describe('an app with bad settings', () => {
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    stage = await startStage({ customers: 4 });
    app = await stage.startApp(settings);
  });
  afterAll(() => stage.end());

  it('answers 503 Misconfigured on every route, and names the settings on ready only', async () => {
    const routes = routesOf(app);
    expect(routes.length).toBeGreaterThanOrEqual(4);
    for (const { method, path } of routes) {
      const reply = await app.get(path, {}, method);
      expect(reply).toMatchObject({ status: 503, json: { code: 'Misconfigured', status: 503 } });
      expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(reply.headers['retry-after']).toBe('60');
      const isReady = path === '/api/health/ready';
      const named = Object.entries(expected).map(([setting, expects]) => ({ setting, expected: expects }));
      expect(Object(reply.json).settings?.toSorted(bySetting)).toEqual(isReady ? named.toSorted(bySetting) : undefined);
      expect(reply.body).not.toMatch(/hush/i);
    }
  });

  it('says so once in the log, by name and without a value, and touches nothing', async () => {
    await app.tick();
    const logged = filterEvents(app.events, 'config.invalid');
    expect(logged).toMatchObject([{ count: Object.keys(expected).length }]);
    for (const [setting, expects] of Object.entries(expected)) {
      expect(logged[0]?.['settings']).toContain(`${setting}: ${expects}`);
    }
    expect(JSON.stringify(app.entries)).not.toMatch(/hush/i);
    const { calls } = await stage.control();
    expect(new Set(Object.values(calls))).toEqual(new Set([0]));
  });
});

/** Every route the host registered, from its log. */
function routesOf({ entries }: App) {
  return entries.flatMap(({ category, message }) => {
    const [, method, route] = /^[\w-]+: \[(\w+)[^\]]*\] (\/.*)$/.exec(category === 'Host.Startup' ? message : '') ?? [];
    if (method === undefined || route === undefined) return [];
    return [{ method, path: route.replace(/\{[^}]*\}/, '11111111-6fb9-4b05-8f15-b3d72e0596e6') }];
  });
}

function bySetting(one: { readonly setting: string }, other: { readonly setting: string }): number {
  return one.setting.localeCompare(other.setting);
}
