import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './fault-walk.ts';
import { startStage } from './stage.ts';
import type { App, Stage } from './stage.ts';

const guid = 'a GUID';
const vault = 'an https URL, such as https://contoso.vault.azure.net';
const storage = 'an https URL, such as https://contoso.blob.core.windows.net';
const container = 'a container name: 3 to 63 lower-case letters, digits and dashes';

/** Settings that keep the app from working, and what `ready` says each of them expects. */
const cases = [
  { what: 'a missing one', settings: { KEY_VAULT_URL: undefined }, expected: { KEY_VAULT_URL: vault } },
  { what: 'a blank one', settings: { KEY_VAULT_URL: ' ' }, expected: { KEY_VAULT_URL: vault } },
  {
    what: 'a bad one',
    settings: { PARTNER_CENTER_TENANT_ID: 'hush-contoso' },
    expected: { PARTNER_CENTER_TENANT_ID: guid },
  },
  {
    what: 'three at once',
    settings: {
      USAGE_STORAGE_URL: 'http://hush.blob.core.windows.net/?sig=hush',
      USAGE_CONTAINER: 'Hush_Container',
      PARTNER_CENTER_CLIENT_ID: undefined,
    },
    expected: { USAGE_STORAGE_URL: storage, USAGE_CONTAINER: container, PARTNER_CENTER_CLIENT_ID: guid },
  },
  {
    what: 'some that do not go together',
    settings: { USAGE_REFRESH_INTERVAL_MINUTES: '121', USAGE_FRESH_MINUTES: '120', USAGE_STALE_HOURS: '2' },
    expected: {
      USAGE_REFRESH_INTERVAL_MINUTES: 'at most USAGE_FRESH_MINUTES',
      USAGE_STALE_HOURS: 'more than USAGE_FRESH_MINUTES',
    },
  },
  {
    what: 'a schedule on which the timer never runs',
    settings: { USAGE_REFRESH_SCHEDULE: 'a b c d e f' },
    expected: { USAGE_REFRESH_SCHEDULE: 'an NCRONTAB expression of six fields, seconds first, in UTC' },
  },
];

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ customers: 4 });
});
afterAll(() => stage.end());

describe.each(cases)('a bad setting: $what', ({ settings, expected }) => {
  let app: App;

  beforeAll(async () => {
    app = await stage.startApp(settings);
  });
  afterAll(() => app.stop());

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
    const logged = eventsOf(app.events, 'config.invalid');
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
